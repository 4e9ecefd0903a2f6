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
  /** For which times the plan holds, ms since 1970; null while there is none. */
  private planned: { from: number; to: number } | null = null;

  private constructor(private readonly connection: Connection) {}

  static async open(database: Database): Promise<PeopleReader> {
    const connection = await database.connect();
    await connection.exec(`CREATE TEMP TABLE asked_person
       (place INTEGER, alias_id VARCHAR, strongest BOOLEAN, asked_at TIMESTAMP, by_contact BOOLEAN)`);
    return new PeopleReader(connection);
  }

  /** What is known of the people of a list, in its order, as of `at` (ms since 1970). Somebody whom nobody has told of has no consent. */
  read(contacts: readonly PermitContact[], at: number): Promise<PersonFacts[]> {
    const names = contacts.map(({ contact_id, phone, user_id }): Names => {
      return [contact_id === null ? null : contactAlias(contact_id), userAlias(user_id), phoneAlias(phone)];
    });
    return new Promise((resolve, reject) => {
      this.waiting.push({ names, at, resolve, reject });
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
    await this.plan(together.map(({ at }) => at));
    await this.fill(together);
    const found = new Map((await this.connection.script(sql)).map((row) => [Number(row.place), row]));
    let place = 0;
    for (const { names, resolve } of together) resolve(names.map((own, index) => factsOf(index, own, found.get(place++) ?? {})));
    // In the same transaction: docs/duckdb-notes, "Rows that one transaction puts into a temporary table".
    await this.connection.script('DELETE FROM asked_person');
  }

  /** Keeps the plan while it is young and none of these times lies before it. */
  private async plan(times: readonly number[]): Promise<void> {
    const [from, to] = [Math.min(...times), Math.max(...times)];
    if (this.planned !== null && from >= this.planned.from && to < this.planned.to) return;
    this.connection.planAnew();
    await setInstants(this.connection, { people_from: from - 30 * 24 * hourMs, heard_from: from - 24 * hourMs });
    this.planned = { from, to: from + planMs };
  }

  private async fill(together: readonly Question[]): Promise<void> {
    const appender = await this.connection.driver.createAppender('asked_person', 'main', 'temp');
    let place = 0;
    for (const { names, at } of together) {
      const askedAt = new DuckDBTimestampValue(BigInt(Math.round(at)) * 1000n);
      for (const own of names) {
        const byContact = own[1] === null && own[2] === null;
        const given = own.filter((alias) => alias !== null);
        for (const [rank, alias] of given.entries()) {
          appender.appendInteger(place);
          appender.appendVarchar(alias.alias_id);
          appender.appendBoolean(rank === 0);
          appender.appendTimestamp(askedAt);
          appender.appendBoolean(byContact);
          appender.endRow();
        }
        place += 1;
      }
    }
    appender.closeSync();
  }
}

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
