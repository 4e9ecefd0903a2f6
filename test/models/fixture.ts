import { afterAll, beforeAll, beforeEach } from 'vitest';
import { answerMetricQuery } from '../../models/answer-metrics.ts';
import { type Catalog, loadCatalog } from '../../models/catalog.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Models } from '../../models/model-graph.ts';
import { loadModels, ModelRunner, type ModelRunResult } from '../../models/runner.ts';
import { type Connection, Database, type Parameter, type Row } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';

/** Parsed once for all warehouses of a process: to read seventy headers takes longer than to build most marts. */
const ours = loadModels();
let catalog: Catalog | undefined;

export type Facts = Record<string, Parameter | boolean | number | string | null>;

/** Which models a test needs: these with all that they read, or every one; and a folder with seed files as users write them. */
export interface ModelChoice {
  marts?: string[];
  seedFolder?: string | null;
}

function upTo({ models, problems }: Models, marts: string[]): Models {
  const needed = new Set(marts);
  for (const model of models.toReversed()) if (needed.has(model.name)) for (const name of model.upstream) needed.add(name);
  return { models: models.filter(({ name }) => needed.has(name)), problems: problems.filter(({ name }) => needed.has(name)) };
}

/** A warehouse in memory with the models on top, to which a test hands rows as apply would. */
export class ModelWarehouse {
  readonly runner: ModelRunner;
  private isBuilt = false;

  private constructor(
    readonly database: Database,
    readonly connection: Connection,
    private readonly models: Models,
    seedFolder: string | null,
  ) {
    this.runner = new ModelRunner(models, seedFolder);
  }

  static async open({ marts, seedFolder = null }: ModelChoice = {}): Promise<ModelWarehouse> {
    const database = await Database.open({ path: ':memory:', memoryMb: 1024, threads: 1 });
    const connection = await database.connect();
    await migrate(connection);
    return new ModelWarehouse(database, connection, marts === undefined ? await ours : upTo(await ours, marts), seedFolder);
  }

  /** Inserts rows, those with the same columns in one statement. */
  async insert(table: string, ...rows: Facts[]): Promise<void> {
    const alike = new Map<string, Facts[]>();
    for (const row of rows) {
      const columns = Object.keys(row).join(', ');
      alike.set(columns, [...(alike.get(columns) ?? []), row]);
    }
    for (const [columns, group] of alike) {
      const width = columns.split(', ').length;
      const values = group.map((_, at) => `(${Array.from({ length: width }, (_, n) => `$${at * width + n + 1}`).join(', ')})`);
      const parameters = group.flatMap((row) => Object.values(row)) as Parameter[];
      await this.connection.run(`INSERT INTO ${table} (${columns}) VALUES ${values.join(', ')}`, parameters);
    }
  }

  /** One message: message_key, what is given, and message_at from its states. */
  message(key: string, given: Facts): Promise<void> {
    return this.messages([key, given]);
  }

  messages(...list: (readonly [key: string, given: Facts])[]): Promise<void> {
    const rows = list.map(([key, given]) => ({
      ...given,
      message_key: key,
      origin_known: true,
      opened_at: first(given),
      message_at: first(given),
    }));
    return this.insert('fact_message', ...rows);
  }

  /** Aliases by their id: the first letter tells the kind. */
  async alias(...ids: string[]): Promise<void> {
    const kinds: Record<string, string> = { c: 'contact', p: 'phone', u: 'user' };
    await this.insert('contact_alias', ...ids.map((id) => ({ alias_id: id, kind: kinds[id[0] ?? ''] ?? 'contact', value: id })));
  }

  async link(alias_a: string, alias_b: string, occurred_at: string, source = 'webhook'): Promise<void> {
    await this.insert('contact_link', { alias_a, alias_b, occurred_at, source, link_month: occurred_at.slice(0, 7) });
  }

  build(full = false, now = new Date('2026-11-21T12:00:00Z')): Promise<ModelRunResult[]> {
    return this.runner.build(this.connection, { full, now });
  }

  /**
   * Builds every model from the facts. What is read from files only, such as rate cards, stays as it is once it is there: so the
   * others are taken for never built rather than all for due.
   */
  private async rebuild(): Promise<ModelRunResult[]> {
    if (!this.isBuilt) {
      this.isBuilt = true;
      return this.build(true);
    }
    const seeds = this.models.models.filter(({ seed }) => seed !== null).map(({ name }) => `'${name}'`);
    await this.connection.exec(`DELETE FROM model_state WHERE model NOT IN ('', ${seeds.join(', ')})`);
    return this.build();
  }

  /** Builds and throws what went wrong. */
  async built(full = false): Promise<ModelRunResult[]> {
    const results = full ? await this.rebuild() : await this.build();
    const wrong = results.filter(({ outcome }) => outcome !== 'ok');
    if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'));
    return results;
  }

  /**
   * Builds incrementally as if apply had just written all the facts, or the messages of these days; twice, for what one build leaves to
   * the next.
   */
  async refreshed(days: string[] = []): Promise<void> {
    const of = days.length === 0 ? '' : `WHERE message_at::DATE IN (${days.map((day) => `DATE '${day}'`).join(', ')})`;
    await this.connection.exec(`
      INSERT INTO changed_message (bucket_at, campaign_id) SELECT DISTINCT quarter_hour(message_at), campaign_id FROM fact_message ${of};
      INSERT INTO changed_contact (alias_id, changed_at)
      SELECT alias_id, min(changed_at) FROM (
        SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id, message_at AS changed_at FROM fact_message
        UNION ALL SELECT unnest([phone_alias, user_alias]), occurred_at FROM fact_inbound
        UNION ALL SELECT unnest([contact_alias, phone_alias, user_alias]), occurred_at FROM fact_conversion
      ) WHERE alias_id IS NOT NULL GROUP BY alias_id`);
    await this.built();
    await this.built();
  }

  rows(sql: string): Promise<Row[]> {
    return this.connection.rows(sql);
  }

  ask(query: Partial<MetricQuery>, now = new Date('2026-11-21T12:00:00Z')): Promise<MetricAnswer> {
    const whole: MetricQuery = { metrics: ['messages'], by: [], zone: 'UTC', where: {}, limit: 1000, ...query };
    return answerMetricQuery(this.connection, this.catalog, whole, now);
  }

  /** Empties the facts, and the models as if they had been built from no facts. */
  async clear(): Promise<void> {
    const tables = await this.rows(
      `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary AND estimated_size > 0
       AND regexp_matches(table_name, '^(fact_|dim_|contact_|changed_|event_credit|campaign_window|billing_account|free_window|tier_|touch_credit|order_revenue|customer_order|money_|funnel_|failure_|experiment_|inbound_answer|message_expiry)')`,
    );
    for (const { name } of tables) await this.connection.exec(`DELETE FROM ${String(name)}`);
  }

  get catalog(): Catalog {
    catalog ??= loadCatalog();
    return catalog;
  }

  close(): void {
    this.database.close();
  }
}

/** States of a message that its time is taken from. */
const states = [
  'requested_at',
  'accepted_at',
  'held_at',
  'paused_at',
  'sent_at',
  'delivered_at',
  'read_at',
  'played_at',
  'failed_at',
];

function first(given: Facts): string {
  const known = states.map((name) => given[name]).filter((value): value is string => typeof value === 'string');
  return known.sort()[0] ?? '';
}

/** One warehouse for the tests of a file, emptied before each. */
export function useModels(choice: ModelChoice = {}): { get: () => ModelWarehouse } {
  let warehouse: ModelWarehouse | undefined;
  beforeAll(async () => {
    warehouse = await ModelWarehouse.open(choice);
  });
  beforeEach(() => warehouse?.clear());
  afterAll(() => warehouse?.close());
  return {
    get: () => {
      if (warehouse === undefined) throw new Error('not open yet');
      return warehouse;
    },
  };
}
