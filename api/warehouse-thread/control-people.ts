import type { PermitContact, PersonFacts } from '../../controller/permit.ts';
import { contactAlias, phoneAlias, userAlias } from '../../ingest/alias.ts';
import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { hourMs, number, setInstants, text } from './control-queries.ts';

const sql = readProjectFile('sql/control/people.sql');

/** What is known of the people of a list, in its order. Somebody whom nobody has told of has no consent. */
export async function people(connection: Connection, contacts: readonly PermitContact[], at: number): Promise<PersonFacts[]> {
  const aliases = contacts.map(({ contact_id, phone, user_id }) => [
    contact_id === null ? null : contactAlias(contact_id),
    userAlias(user_id),
    phoneAlias(phone),
  ]);
  const rows = await connection.transaction(async () => {
    await connection.exec('CREATE OR REPLACE TEMP TABLE asked_person (place INTEGER, alias_id VARCHAR, rank INTEGER)');
    const appender = await connection.driver.createAppender('asked_person', 'main', 'temp');
    aliases.forEach((names, place) => {
      names.forEach((alias, rank) => {
        if (alias === null) return;
        appender.appendInteger(place);
        appender.appendVarchar(alias.alias_id);
        appender.appendInteger(rank);
        appender.endRow();
      });
    });
    appender.closeSync();
    await setInstants(connection, { people_at: at, people_from: at - 30 * 24 * hourMs });
    return connection.rows(sql);
  });
  const found = new Map(rows.map((row) => [Number(row.place), row]));
  return aliases.map(([contact, user, phone], index): PersonFacts => {
    const row = found.get(index) ?? {};
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
  });
}
