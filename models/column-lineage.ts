import type { Connection } from '../sql/database.ts';
import { ChangeRows } from './change-rows.ts';
import { MessageHistory } from './message-history.ts';
import { runSteps, setFullBounds, setSeedFiles } from './model-build.ts';
import type { Model } from './model-graph.ts';

/** Where the columns of a model come from, as `table.column` of facts, dimensions, seeds and models that are tables (views are seen through). */
export interface ColumnLineage {
  /** What is read for every column, because all rows depend on it: keys, filters, joins. */
  rows: string[];
  /** By column: what is read for it besides. Empty where a column is made of what all rows depend on. */
  columns: ReadonlyMap<string, string[]>;
}

/**
 * Asks the engine itself: of `SELECT column FROM (the model's query)` its optimizer takes away all columns that are not needed, and the
 * plan names those that are left. Nothing else is optimized but that a common table expression that is used once is part of the query,
 * so that a filter stays where it is seen. So nothing that a column depends on is missing; of a common table expression that is used
 * more than once, all is read.
 * @param connection to a warehouse, empty or not, in which all models are built and nobody else works: its optimizers are off meanwhile
 */
export async function columnLineage(connection: Connection, models: readonly Model[]): Promise<Map<string, ColumnLineage>> {
  const names = await connection.rows(
    "SELECT name FROM duckdb_optimizers() WHERE name NOT IN ('unused_columns', 'cte_inlining', 'join_order')",
  );
  // Without the order of joins DuckDB 1.5.6 ends at the plan of an ASOF join.
  const others = names.map(({ name }) => String(name)).join(',');
  await new ChangeRows(connection, new Date(0), 0, new MessageHistory()).prepare();
  await setFullBounds(connection);
  const found = new Map<string, ColumnLineage>();
  for (const model of models) {
    if (model.seed !== null) await setSeedFiles(connection, model, model.seed, null);
    await runSteps(connection, model, false);
    await connection.exec(`SET disabled_optimizers = '${others}'`);
    found.set(model.name, await lineageOf(connection, model));
    await connection.exec('RESET disabled_optimizers');
  }
  return found;
}

async function lineageOf(connection: Connection, model: Model): Promise<ColumnLineage> {
  const temporary = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  const trace = async (sql: string, columns: readonly string[]) => {
    const traced = new Map<string, ReadonlySet<string>>();
    for (const column of columns) traced.set(column, await sourcesOf(connection, sql, column, model, temporary));
    return traced;
  };
  for (const { kind, name, sql, readsSelf } of model.steps) {
    if (kind !== 'temp' || readsSelf) continue;
    const { names } = await connection.columns(`SELECT * FROM temp.${name} LIMIT 0`);
    temporary.set(name, await trace(sql, names));
  }
  const all = await trace(model.query.sql, Object.keys(model.columns));
  for (const name of temporary.keys()) await connection.exec(`DROP TABLE temp.${name}`);
  const [first, ...others] = all.values();
  const rows = [...(first ?? [])].filter((source) => others.every((sources) => sources.has(source)));
  const columns = [...all].map(([column, sources]): [string, string[]] => [
    column,
    [...sources].filter((source) => !rows.includes(source)).sort(),
  ]);
  return { rows: rows.sort(), columns: new Map(columns) };
}

interface PlanNode {
  name: string;
  extra_info?: { Table?: string; Function?: string; Projections?: string | string[] };
  children?: PlanNode[];
}

async function sourcesOf(
  connection: Connection,
  sql: string,
  column: string,
  { seed }: Model,
  temporary: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>,
): Promise<ReadonlySet<string>> {
  const [row] = await connection.rows(`EXPLAIN (FORMAT JSON) SELECT "${column}" FROM (${sql}\n)`);
  const sources = new Set<string>();
  const visit = ({ extra_info = {}, children = [] }: PlanNode) => {
    const { Table, Projections } = extra_info;
    const table =
      Table?.split('.').at(-1)?.replaceAll('"', '') ?? (extra_info.Function === undefined ? undefined : (seed ?? undefined));
    for (const name of table === undefined ? [] : [Projections ?? []].flat()) {
      const inner = temporary.get(table ?? '')?.get(name);
      for (const source of inner ?? [`${table}.${name}`]) sources.add(source);
    }
    children.forEach(visit);
  };
  (JSON.parse(String(row?.explain_value)) as PlanNode[]).forEach(visit);
  return sources;
}
