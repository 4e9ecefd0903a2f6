import type { Connection } from '../../sql/database.ts';
import { Kept } from '../kept.ts';

/** What was asked more than once in so much time before a build is read anew after it, ms, and no more questions than this. */
const recentMs = 30_000;
const mostRenewed = 100;
const minuteMs = 60_000;

/** The answers from one build of the models: until the next one the models say the same. */
export interface Edition {
  /** Counts the builds. */
  readonly build: number;
}

/** What is kept of each edition, for as long as that lives. */
export class KeptByEdition<T> {
  private readonly known = new WeakMap<Edition, Kept<T>>();

  of(edition: Edition): Kept<T> {
    const kept = this.known.get(edition) ?? new Kept<T>();
    this.known.set(edition, kept);
    return kept;
  }
}

/** Lends a connection for reading. */
export type Lend = <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;

interface Keeping<Question, Answer> {
  keyOf: (question: Question) => string;
  /** The same for questions of which only the newest is read anew after a build. */
  nameOf?: (question: Question) => string;
  isWorth?: ((answer: Answer) => boolean) | undefined;
}

interface Asked {
  at: number;
  times: number;
  read: (edition: Edition) => Promise<unknown>;
}

/**
 * Keeps answers that rest on the models, the same question read once for each build of them, asked at once too. What somebody goes on
 * asking, as an open page does, is read anew after a build before its answers take the place of the old ones, all at once.
 */
export class Editions {
  private edition: Edition = { build: 0 };
  private newest = 0;
  private kinds = 0;
  /** The newest last. */
  private readonly asked = new Map<string, Asked>();
  private readonly since = Date.now();

  /** @param clock one that never goes back, ms */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Changes when answers may change, and with each start. */
  get mark(): string {
    return `${this.since}-${this.edition.build}`;
  }

  /** To be called when a build of the models is over, with whatever end: from now on answers are from it. */
  built(): void {
    this.newest += 1;
    this.edition = { build: this.newest };
  }

  /**
   * The same after a build that nobody waits for: what is asked again and again is read anew first, so that who looks on does not wait
   * for it. Until then answers are those of the build before.
   */
  async renew(): Promise<void> {
    this.newest += 1;
    const next: Edition = { build: this.newest };
    const since = this.clock() - recentMs;
    for (const [key, { at }] of this.asked) if (at < since) this.asked.delete(key);
    for (const { times, read } of [...this.asked.values()]) {
      if (next.build !== this.newest) return;
      if (times > 1) await read(next).catch(() => undefined);
    }
    if (next.build === this.newest) this.edition = next;
  }

  /**
   * A kind of question.
   * @param keyOf the same for the same question
   * @param isWorth whether an answer is worth its room
   * @returns what answers it
   */
  kind<Question, Answer>(
    lend: Lend,
    read: (connection: Connection, question: Question, edition: Edition) => Promise<Answer>,
    keyOf: (question: Question) => string = JSON.stringify,
    isWorth?: (answer: Answer) => boolean,
  ): (question: Question) => Promise<Answer> {
    return this.keeping(lend, read, { keyOf, isWorth }).ask;
  }

  /**
   * A kind of question that is asked as of a whole minute, `at`. While the present minute is read for the first time, who asks gets what is
   * said of the one before: otherwise somebody would wait each minute, and a page waits for the slowest of its answers.
   */
  live<Question extends { at: number }, Answer>(
    lend: Lend,
    read: (connection: Connection, question: Question) => Promise<Answer>,
  ): (question: Question) => Promise<Answer> {
    const { ask, known } = this.keeping(lend, read, {
      keyOf: JSON.stringify,
      nameOf: ({ at: _, ...rest }) => JSON.stringify(rest),
    });
    return (question) => {
      const before = known({ ...question, at: question.at - minuteMs });
      const present = ask(question);
      return before === undefined ? present : Promise.race([present, before.catch(() => present)]);
    };
  }

  private keeping<Question, Answer>(
    lend: Lend,
    read: (connection: Connection, question: Question, edition: Edition) => Promise<Answer>,
    { keyOf, nameOf = keyOf, isWorth }: Keeping<Question, Answer>,
  ) {
    this.kinds += 1;
    const kind = this.kinds;
    const kept = new KeptByEdition<Answer>();
    const answer = (edition: Edition, key: string, question: Question) =>
      kept.of(edition).of(key, () => lend((connection) => read(connection, question, edition)), isWorth);
    return {
      ask: (question: Question) => {
        const key = keyOf(question);
        this.note(`${kind} ${nameOf(question)}`, (edition) => answer(edition, key, question));
        return answer(this.edition, key, question);
      },
      known: (question: Question) => kept.of(this.edition).known(keyOf(question)),
    };
  }

  private note(key: string, read: Asked['read']): void {
    const before = this.asked.get(key);
    const at = this.clock();
    const times = before === undefined || before.at < at - recentMs ? 1 : before.times + 1;
    this.asked.delete(key);
    this.asked.set(key, { at, times, read });
    for (const oldest of this.asked.keys()) {
      if (this.asked.size <= mostRenewed) break;
      this.asked.delete(oldest);
    }
  }
}
