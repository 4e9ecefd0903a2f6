import type { Connection, Row } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import { type StagedTable, stagedTables } from './staged.ts';

/**
 * Facts and dimensions that are a set of keyed rows. Of several rows with one key the first by `order` stays; the columns of the
 * key and the order come first, all others follow, so that the choice never depends on the order of arrival.
 */
const keyedFacts: {
  table: string;
  stage: StagedTable;
  key: string[];
  order: string[];
  contacts?: string[];
  /**
   * For tables that grow fast, whose staged rows are mostly new. Where the key begins with the time by which the table is in order, only
   * its rows of the batch's time are read.
   */
  fast?: true;
}[] = [
  {
    table: 'fact_inbound',
    stage: 'inbound',
    key: ['message_id'],
    order: ['occurred_at', 'content_hash'],
    contacts: ['phone_alias', 'user_alias'],
  },
  {
    table: 'fact_assignment',
    stage: 'assignment',
    key: ['experiment_id', 'contact_alias', 'arm_id'],
    order: ['assigned_at', 'event_id'],
    contacts: ['contact_alias'],
  },
  { table: 'fact_click', stage: 'click', key: ['event_id'], order: ['occurred_at'], contacts: ['contact_alias'] },
  {
    table: 'fact_conversion',
    stage: 'conversion',
    key: ['event_id'],
    order: ['occurred_at'],
    contacts: ['contact_alias', 'phone_alias', 'user_alias'],
  },
  {
    table: 'fact_consent',
    stage: 'consent',
    key: ['event_id'],
    order: ['occurred_at'],
    contacts: ['contact_alias', 'phone_alias', 'user_alias'],
  },
  {
    table: 'fact_segment_membership',
    stage: 'segment_membership',
    key: ['event_id'],
    order: ['occurred_at'],
    contacts: ['contact_alias'],
  },
  { table: 'fact_platform_event', stage: 'platform_event', key: ['event_hash'], order: ['occurred_at'] },
  { table: 'unmodelled_update', stage: 'unmodelled_update', key: ['update_hash'], order: ['field', 'shape'] },
  { table: 'contact_alias', stage: 'contact_alias', key: ['alias_id'], order: ['kind', 'value', 'country'], fast: true },
  {
    table: 'contact_link',
    stage: 'contact_link',
    key: ['alias_a', 'alias_b', 'source', 'link_month'],
    order: ['occurred_at'],
    contacts: ['alias_a', 'alias_b'],
  },
  {
    table: 'contact_profile',
    stage: 'contact_profile',
    key: ['contact_alias'],
    order: ['occurred_at DESC', 'event_id DESC'],
  },
  { table: 'dim_campaign', stage: 'campaign', key: ['campaign_id', 'command_id'], order: ['changed_at'] },
  { table: 'dim_variant', stage: 'variant', key: ['campaign_id', 'variant_id', 'command_id'], order: ['changed_at'] },
  { table: 'dim_registry', stage: 'registry', key: ['kind', 'id', 'command_id'], order: ['changed_at'] },
  { table: 'dim_experiment', stage: 'experiment', key: ['experiment_id', 'command_id'], order: ['changed_at'] },
  {
    table: 'fact_experiment_look',
    stage: 'experiment_look',
    key: ['experiment_id', 'look_key'],
    order: ['looked_at', 'command_id'],
  },
  { table: 'fact_platform_figure', stage: 'platform_figure', key: ['command_id', 'item'], order: ['told_at'] },
  { table: 'fact_control_decision', stage: 'control_decision', key: ['decided_at', 'decision_id'], order: ['seq'], fast: true },
  { table: 'fact_control_policy', stage: 'control_policy', key: ['command_id'], order: ['given_at'] },
  { table: 'fact_control_override', stage: 'control_override', key: ['override_id'], order: ['given_at'] },
  { table: 'fact_control_lift', stage: 'control_lift', key: ['override_id'], order: ['lifted_at'] },
  { table: 'fact_permit', stage: 'permit', key: ['granted_at', 'permit_id'], order: ['request_id'], fast: true },
  {
    table: 'fact_permit_person',
    stage: 'permit_person',
    key: ['granted_at', 'permit_id', 'person'],
    order: [],
    fast: true,
  },
  {
    table: 'fact_permit_return',
    stage: 'permit_return',
    key: ['returned_at', 'command_id'],
    order: ['permit_id'],
    fast: true,
  },
];

/** Merges the staged rows of keyed facts into their tables. One a connection. */
export class KeyedFacts {
  private constructor(private readonly connection: Connection) {}

  /** Creates the temporary tables `old_<name>` and `new_<name>` on this connection; the stage's own must be there. */
  static async create(connection: Connection): Promise<KeyedFacts> {
    for (const { create } of statements) await connection.exec(create);
    return new KeyedFacts(connection);
  }

  /**
   * Works inside the caller's transaction.
   * @returns by table how many rows it has more than before
   */
  async merge(filled: ReadonlySet<StagedTable>): Promise<{ table: string; stage: StagedTable; added: number }[]> {
    const { connection } = this;
    const grown: { table: string; stage: StagedTable; added: number }[] = [];
    for (const { table, stage, merge, append } of statements) {
      if (!filled.has(stage)) continue;
      let added = append === null ? 0 : countOf(await connection.script(append));
      if (added === 0) {
        const results = await connection.scriptResults(merge);
        added = countOf(results.at(written)) - countOf(results.at(gone));
      }
      grown.push({ table, stage, added });
    }
    return grown;
  }
}

/** Rows that a statement wrote. */
export function countOf(result: readonly Row[] | undefined): number {
  return Number(result?.[0]?.Count ?? 0);
}

/** Since when a row may change what is known of people, where that is not its `occurred_at`. */
const changedAt: Record<string, string> = { contact_link: 'NULL::TIMESTAMP', fact_assignment: 'assigned_at' };

const template = readProjectFile('sql/apply/keyed.sql');
const changedContacts = readProjectFile('sql/apply/keyed_contacts.sql');
/** What every merge ends with: the old rows go, the new ones come, the two scratch tables are emptied. */
const write = [readProjectFile('sql/apply/keyed_write.sql'), readProjectFile('sql/apply/keyed_clear.sql')];
const [gone, written] = [-4, -3];
/** For tables that grow fast: mostly nothing of a batch was there before, and then it is only appended. */
const appendNew = readProjectFile('sql/apply/keyed_append.sql');

const statements = keyedFacts.map(({ table, stage, key, order, contacts, fast }) => {
  const columns = Object.keys(stagedTables[stage]);
  const ordered = [...order, ...columns.filter((column) => !order.some((term) => term.split(' ')[0] === column))];
  const names = {
    table,
    stage,
    key: key.join(', '),
    order: ordered.join(', '),
    columns: columns.join(', '),
    match: key.map((column) => `t.${column} = n.${column}`).join(' AND '),
    contacts: (contacts ?? []).join(', '),
    changed_at: changedAt[table] ?? 'occurred_at',
  };
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: keyof typeof names) => names[name]);
  return {
    table,
    stage,
    create: ['old', 'new']
      .map((name) => `CREATE OR REPLACE TEMP TABLE ${name}_${stage} AS FROM stage_${stage} LIMIT 0;`)
      .join(' '),
    merge: fill([template, ...(contacts === undefined ? [] : [changedContacts]), ...write].join('\n')),
    append: fast ? fill(appendNew) : null,
  };
});
