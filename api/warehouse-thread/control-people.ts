import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { PermitContact, PersonFacts } from '../../controller/permit.ts';
import { type Alias, contactAlias, phoneAlias, userAlias } from '../../ingest/alias.ts';
import type { Connection, Database, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { hourMs, minuteMs, number, setInstants, text } from './control-queries.ts';

const sql = readProjectFile('sql/control/people.sql');

/** People in one look-up: a longer list goes alone. */
const mostPeople = 5000;
/** A plan bounds its scans by the time, and joins in an order that goes by the sizes of its day, ms. */
const planMs = minuteMs;

/** The names of one contact, the strongest first. */
type Names = readonly [contact: Alias | null, user: Alias | null, phone: Alias | null];

interface Question {
  names: Names[];
  at: number;
  /** Since when messages matter, ms since 1970. */
  since: number;
  resolve(facts: PersonFacts[]): void;
  reject(error: unknown): void;
}

/**
 * Looks people up, on a connection of its own: a send waits for the answer. A look-up costs about the same for one person as for a
 * hundred, and half of it again to plan, so the plan is kept, and whoever asks while one is under way is answered by the next, together
 * with all who do.
 */
export class PeopleReader {
  private waiting: Question[] = [];
  private running: Promise<void> | null = null;
  /** For which questions the plan holds, ms since 1970; null while there is none. */
  private planned: { since: number; from: number; to: number } | null = null;

  private constructor(private readonly connection: Connection) {}

  static async open(database: Database): Promise<PeopleReader> {
    const connection = await database.connect();
    await connection.exec(`CREATE TEMP TABLE asked_person
       (place INTEGER, alias_id VARCHAR, strongest BOOLEAN, asked_at TIMESTAMP, since TIMESTAMP, by_contact BOOLEAN)`);
    return new PeopleReader(connection);
  }

  /**
   * What is known of the people of a list, in its order, as of `at` (ms since 1970). Somebody whom nobody has told of has no consent.
   * @param lookBackHours so far back messages are looked for; each hour costs
   */
  read(contacts: readonly PermitContact[], at: number, lookBackHours: number): Promise<PersonFacts[]> {
    const names = contacts.map(({ contact_id, phone, user_id }): Names => {
      return [contact_id === null ? null : contactAlias(contact_id), userAlias(user_id), phoneAlias(phone)];
    });
    return new Promise((resolve, reject) => {
      this.waiting.push({ names, at, since: at - lookBackHours * hourMs, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Waits for all who asked, then closes. */
  async close(): Promise<void> {
    await this.running;
    this.connection.close();
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const together = this.take();
      try {
        await this.connection.transaction(() => this.answer(together));
      } catch (error) {
        this.planned = null;
        for (const { reject } of together) reject(error);
      }
    }
    this.running = null;
  }

  private take(): Question[] {
    let people = 0;
    const most = this.waiting.findIndex(({ names }, at) => {
      people += names.length;
      return at > 0 && people > mostPeople;
    });
    return this.waiting.splice(0, most === -1 ? this.waiting.length : most);
  }

  private async answer(together: readonly Question[]): Promise<void> {
    await this.plan(together);
    await this.fill(together);
    const found = new Map((await this.connection.script(sql)).map((row) => [Number(row.place), row]));
    let place = 0;
    for (const { names, resolve } of together) resolve(names.map((own, index) => factsOf(index, own, found.get(place++) ?? {})));
    // In the same transaction: docs/duckdb-notes, "Rows that one transaction puts into a temporary table".
    await this.connection.script('DELETE FROM asked_person');
  }

  /** Keeps the plan while it is young, and none of the questions reaches further back than it. */
  private async plan(questions: readonly Question[]): Promise<void> {
    const times = questions.map(({ at }) => at);
    const [since, from, to] = [Math.min(...questions.map((one) => one.since)), Math.min(...times), Math.max(...times)];
    const { planned } = this;
    if (planned !== null && since >= planned.since && from >= planned.from && to < planned.to) return;
    this.connection.planAnew();
    await setInstants(this.connection, { people_from: since, heard_from: from - 24 * hourMs });
    this.planned = { since, from, to: from + planMs };
  }

  private async fill(together: readonly Question[]): Promise<void> {
    const appender = await this.connection.driver.createAppender('asked_person', 'main', 'temp');
    let place = 0;
    for (const { names, at, since } of together) {
      const [askedAt, sinceAt] = [timestamp(at), timestamp(since)];
      for (const own of names) {
        const byContact = own[1] === null && own[2] === null;
        const given = own.filter((alias) => alias !== null);
        for (const [rank, alias] of given.entries()) {
          appender.appendInteger(place);
          appender.appendVarchar(alias.alias_id);
          appender.appendBoolean(rank === 0);
          appender.appendTimestamp(askedAt);
          appender.appendTimestamp(sinceAt);
          appender.appendBoolean(byContact);
          appender.endRow();
        }
        place += 1;
      }
    }
    appender.closeSync();
  }
}

const timestamp = (ms: number) => new DuckDBTimestampValue(BigInt(Math.round(ms)) * 1000n);

function factsOf(index: number, [contact, user, phone]: Names, row: Row): PersonFacts {
  return {
    index,
    // Nobody can be told from a contact without any readable name.
    person: text(row.person) ?? '',
    country: phone?.country ?? text(row.country) ?? user?.country ?? contact?.country ?? null,
    time_zone: text(row.time_zone),
    consent: (row.consent ?? null) as PersonFacts['consent'],
    suppressed: row.suppressed === true,
    last_marketing_at: number(row.marketing_at),
    last_message_at: number(row.message_at),
    window_until: number(row.window_until),
  };
}
