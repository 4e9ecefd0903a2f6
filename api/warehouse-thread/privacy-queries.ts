import { listValue } from '@duckdb/node-api';
import { contactAlias, phoneAlias, userAlias } from '../../ingest/alias.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { HeldName, PersonNames } from '../privacy-warehouse.ts';

const file = (name: string) => readProjectFile(`sql/privacy/${name}.sql`);
const sql = { names: file('names'), inactive: file('inactive'), heldName: file('held_name'), held: file('held') } as const;

/** Where rows about people are, with the columns that name them and the time of a row. */
const tables: readonly { table: string; aliases: string[]; time: string }[] = [
  { table: 'contact_profile', aliases: ['contact_alias'], time: 'occurred_at' },
  { table: 'contact_link', aliases: ['alias_a', 'alias_b'], time: 'occurred_at' },
  { table: 'fact_consent', aliases: ['contact_alias', 'phone_alias', 'user_alias'], time: 'occurred_at' },
  { table: 'fact_message', aliases: ['contact_alias', 'phone_alias', 'user_alias'], time: 'message_at' },
  { table: 'fact_status', aliases: ['phone_alias', 'user_alias', 'participant_alias'], time: 'occurred_at' },
  { table: 'fact_inbound', aliases: ['phone_alias', 'user_alias'], time: 'occurred_at' },
  { table: 'fact_click', aliases: ['contact_alias'], time: 'occurred_at' },
  { table: 'fact_conversion', aliases: ['contact_alias', 'phone_alias', 'user_alias'], time: 'occurred_at' },
  { table: 'fact_assignment', aliases: ['contact_alias'], time: 'assigned_at' },
  { table: 'fact_segment_membership', aliases: ['contact_alias'], time: 'occurred_at' },
  { table: 'fact_permit_person', aliases: ['person'], time: 'granted_at' },
];

/**
 * All names of the person whom these names stand for now. A name that nobody has told of stands for itself.
 * @throws SluiceError `person_unnamed` when none of them can be read
 */
export async function namesOf(connection: Connection, names: PersonNames, at: number): Promise<HeldName[]> {
  const { contact_id, phone, user_id } = names;
  const given = [contact_id === undefined ? null : contactAlias(contact_id), phoneAlias(phone), userAlias(user_id)].filter(
    (alias) => alias !== null,
  );
  if (given.length === 0) throw new SluiceError('person_unnamed');
  const known = (
    await connection.rows(sql.names, { aliases: listValue(given.map(({ alias_id }) => alias_id)), at: new Date(at) })
  ).map(heldName);
  const missing = given.filter(({ alias_id }) => !known.some((name) => name.alias_id === alias_id));
  return [
    ...known,
    ...missing.map(({ alias_id, kind, value }) => ({ alias_id, kind: kind as HeldName['kind'], value, from: null, to: null })),
  ];
}

/** All names of everyone of whom nothing is known since `before` (ms). */
export async function inactiveNames(connection: Connection, before: number): Promise<HeldName[]> {
  return (await connection.rows(sql.inactive, { before: new Date(before) })).map(heldName);
}

/** Every row about a person, by table. */
export async function heldRows(connection: Connection, names: readonly HeldName[]): Promise<Record<string, unknown[]>> {
  await connection.run(sql.heldName, {
    aliases: listValue(names.map(({ alias_id }) => alias_id)),
    froms: listValue(names.map(({ from }) => (from === null ? null : BigInt(from)))),
    tos: listValue(names.map(({ to }) => (to === null ? null : BigInt(to)))),
  });
  const held: Record<string, unknown[]> = {};
  for (const { table, aliases, time } of tables) {
    const text = sql.held
      .replaceAll('{{table}}', table)
      .replaceAll('{{time}}', time)
      .replace('{{aliases}}', aliases.map((column) => `t.${column}`).join(', '));
    held[table] = (await connection.rows(text)).map((row) => JSON.parse(String(row.held)) as unknown);
  }
  await connection.exec('DROP TABLE held_name');
  return held;
}

function heldName(row: Row): HeldName {
  const bound = (value: unknown) => (value === null ? null : Number(value));
  return {
    alias_id: String(row.alias_id),
    kind: row.kind as HeldName['kind'],
    value: String(row.value),
    from: bound(row.from_ms),
    to: bound(row.to_ms),
  };
}
