import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Archiver } from '../ingest/archive.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { forgetIn } from '../ingest/forget-record.ts';
import { type Forgotten, feedbackGraceMs, forgottenName } from '../ingest/forgotten.ts';
import type { LogRecord } from '../ingest/record.ts';
import { strip } from '../ingest/retention.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand } from './command-log.ts';
import type { Config } from './config.ts';
import { type ForgottenBook, forgottenOf, saveForgotten } from './forgotten-book.ts';
import type { HeldName, PersonNames } from './privacy-warehouse.ts';
import type { Role } from './roles.ts';
import type { Warehouse } from './warehouse.ts';

const dayMs = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

export const forgetAnswer = z.object({
  request_id: z.string(),
  requested_at: z.string(),
  names: z.number().int().describe('By how many ids and numbers the person was known'),
  state: z.enum(['pending', 'done']).describe('pending: the next sweep rewrites what is kept'),
});
export const sweepAnswer = z.object({
  requests: z.number().int().describe('Wishes to be forgotten that were carried out'),
  people_aged_out: z.number().int().describe('Ids and numbers of people forgotten because nothing was heard of them'),
  archive_files: z.number().int().describe('Files of the archive that were rewritten'),
  records: z.number().int().describe('Records of which the warehouse was made anew; 0: that was not needed'),
  lapsed: z.number().int().describe('Older requests of which nothing is kept any more'),
});
export type SweepAnswer = z.output<typeof sweepAnswer>;

interface Parts {
  dataDir: string;
  retention: Config['retention'];
  book: ForgottenBook;
  archiver: Archiver;
  /** Does something while no segment moves into the archive. */
  during<T>(work: () => Promise<T>): Promise<T>;
  warehouse: Warehouse;
  log: EventLogWriter;
  now: () => Date;
}

/** Carries out what the law asks: forgets people, lets data age out, tells what is held on somebody. docs/privacy.md says how. */
export class PrivacyDesk {
  private readonly dataDir: string;
  private book: ForgottenBook;
  private people: Forgotten;
  private sweeping: Promise<SweepAnswer> | null = null;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: Parts) {
    this.dataDir = parts.dataDir;
    this.book = parts.book;
    this.people = forgottenOf(parts.book);
  }

  /** Who is forgotten by now. */
  get forgotten(): Forgotten {
    return this.people;
  }

  /** What is kept of the requests. */
  get list(): ForgottenBook {
    return this.book;
  }

  /** Notes a wish to be forgotten, durably; the next sweep carries it out. */
  async forget(names: PersonNames, actor: Role): Promise<z.output<typeof forgetAnswer>> {
    const { warehouse, log, now } = this.parts;
    const at = now();
    const held = await warehouse.namesOf(names, at.getTime());
    const id = uuidv7({ msecs: at.getTime() });
    await giveCommand(log, { command: 'person.forget', id, body: { names: held.length } }, actor, at);
    await this.add(id, at.getTime() + 1, held);
    return { request_id: id, requested_at: at.toISOString(), names: held.length, state: 'pending' };
  }

  /** All that is held on one person, and, asked for, the parts of raw records that name them. */
  async heldOn(names: PersonNames, records: boolean): Promise<object> {
    const at = this.parts.now().getTime();
    const held = await this.parts.warehouse.namesOf(names, at);
    const known = held.map(({ kind, value, from, to }) => ({
      kind,
      value,
      from: from === null ? null : iso(from),
      to: to === null ? null : iso(to),
    }));
    return { as_of: iso(at), names: known, ...(await this.parts.warehouse.heldOn(held, records)) };
  }

  /** Wishes that wait to be carried out. */
  get pending(): number {
    return this.book.requests.filter(({ swept_at }) => swept_at === null).length;
  }

  /** What the timer does: carries out wishes, and lets data age out once a day. */
  async sweepIfDue(): Promise<void> {
    const { textDays, profileDays, personDays } = this.parts.retention;
    const ages = (textDays ?? profileDays ?? personDays) !== null;
    const rested = this.parts.now().getTime() - this.sweptAt >= dayMs;
    if (rested && (this.pending > 0 || ages || this.lapsedBy(this.parts.now().getTime()).length > 0)) await this.sweep();
  }

  /**
   * Rewrites whatever is kept so that nobody who is forgotten is in it, and takes away what is too old. Everything goes on meanwhile;
   * the warehouse is made anew beside the serving one, so that no old page of its file stays. A second call waits for the first.
   */
  sweep(): Promise<SweepAnswer> {
    this.sweeping ??= this.sweepNow().finally(() => {
      this.sweeping = null;
    });
    return this.sweeping;
  }

  private async sweepNow(): Promise<SweepAnswer> {
    const { archiver, warehouse, retention, now } = this.parts;
    const at = now().getTime();
    this.sweptAt = at;
    const aged = await this.ageOutPeople(at);
    const waiting = this.book.requests.filter(({ swept_at }) => swept_at === null).map(({ id }) => id);
    await warehouse.reloadForgotten();
    let files = 0;
    if (waiting.length > 0 || retention.textDays !== null || retention.profileDays !== null) {
      files = await this.parts.during(async () => {
        if (waiting.length > 0) await this.archiveAll();
        let count = waiting.length > 0 ? await archiver.rewrite((record) => forgetIn(record, this.people)) : 0;
        for (const { days, change } of stripped(retention)) {
          if (days !== null) count += await archiver.rewrite(change, iso(at - days * dayMs).slice(0, 10));
        }
        return count;
      });
    }
    const records = waiting.length > 0 || files > 0 ? (await warehouse.rebuild()).records : 0;
    const lapsed = this.lapsedBy(at);
    await this.save({
      ...this.book,
      requests: this.book.requests
        .filter((request) => !lapsed.includes(request))
        .map((request) => (waiting.includes(request.id) ? { ...request, swept_at: at } : request)),
    });
    if (lapsed.length > 0) await warehouse.reloadForgotten();
    return { requests: waiting.length, people_aged_out: aged, archive_files: files, records, lapsed: lapsed.length };
  }

  private async ageOutPeople(at: number): Promise<number> {
    const { personDays } = this.parts.retention;
    if (personDays === null) return 0;
    const names = await this.parts.warehouse.inactiveNames(at - personDays * dayMs);
    if (names.length > 0) await this.add(uuidv7({ msecs: at }), at, names);
    return names.length;
  }

  /** Moves everything up to now out of the log's segments, which then go. On Kafka the topics keep it for as long as they are set to. */
  private async archiveAll(): Promise<void> {
    const { archiver } = this.parts;
    await archiver.forceRotate();
    const end = performance.now() + archivePatienceMs;
    while (performance.now() < end) {
      const { more } = await archiver.step();
      if (!more && archiver.sealedLeft === 0) return;
      if (!more) await sleep(50);
    }
    throw new SluiceError('warehouse_busy', {
      detail: 'the log is not applied and archived to its end yet; the wish stays noted',
    });
  }

  private lapsedBy(at: number) {
    const keepMs = Math.max(this.parts.retention.forgetKeepDays * dayMs, feedbackGraceMs + dayMs);
    return this.book.requests.filter((request) => request.swept_at !== null && request.at + keepMs < at);
  }

  private async add(id: string, at: number, names: readonly HeldName[]): Promise<void> {
    const { key } = this.book;
    const request = {
      id,
      at,
      salt: randomBytes(18).toString('base64url'),
      names: names.map((name) => forgottenName(key, name, name.from, name.to)),
      swept_at: null,
    };
    await this.save({ key, requests: [...this.book.requests, request] });
  }

  private async save(book: ForgottenBook): Promise<void> {
    await saveForgotten(this.dataDir, book);
    this.book = book;
    this.people = forgottenOf(book);
  }
}

/** How long a sweep waits for segments to be applied and archived before it gives up until the next one, ms. */
const archivePatienceMs = 60_000;

/** The classes of retention that rewrite records. */
function stripped({ textDays, profileDays }: Config['retention']) {
  const change = (texts: boolean) => (record: LogRecord) => strip(record, { texts, profiles: !texts });
  return [
    { days: textDays, change: change(true) },
    { days: profileDays, change: change(false) },
  ];
}
