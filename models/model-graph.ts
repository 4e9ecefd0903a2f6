import { type Connection, Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { lineAt, type ModelFile, type ModelSection } from './model-file.ts';

/** A model with its place in the graph. */
export interface Model extends Omit<ModelFile, 'steps'> {
  /** Temporary tables and variables, in order; some look at the table that serves. */
  steps: (ModelSection & { readsSelf: boolean })[];
  /** Models that it reads, by name. */
  upstream: string[];
  /** Other tables that it reads: facts, dimensions, books. */
  reads: string[];
}

/** Models that can be built, each after those that it reads, and what is wrong with the others. */
export interface Models {
  models: Model[];
  problems: { name: string; error: SluiceError }[];
}

/** Finds out, with DuckDB's own parser, which tables each model reads, and sorts them so that each comes after those. */
export async function linkModels(files: ModelFile[]): Promise<Models> {
  const problems: Models['problems'] = [];
  const models: Model[] = [];
  const names = new Set(files.map(({ name }) => name));
  const database = await Database.open({ path: ':memory:', memoryMb: 64, threads: 1 });
  try {
    const connection = await database.connect();
    for (const file of files) {
      try {
        models.push(await link(connection, file, names));
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        problems.push({ name: file.name, error });
      }
    }
    connection.close();
  } finally {
    database.close();
  }
  return sort(models, problems);
}

/** Tables named by the steps, the query and the emits of a model: not its own temporary tables, not common table expressions. */
async function link(connection: Connection, file: ModelFile, names: ReadonlySet<string>): Promise<Model> {
  const temporary = new Set([`${file.name}__next`, ...file.steps.map(({ name }) => name), ...runnerTables]);
  const steps: Model['steps'] = [];
  const found = new Set<string>();
  for (const step of file.steps) {
    const tables = await sectionTables(connection, file.file, step);
    steps.push({ ...step, readsSelf: tables.has(file.name) });
    for (const table of tables) found.add(table);
  }
  for (const table of await sectionTables(connection, file.file, file.query)) found.add(table);
  for (const section of file.emits) {
    for (const table of await sectionTables(connection, file.file, section)) found.add(table);
  }
  for (const section of file.audits) await sectionTables(connection, file.file, section);
  const read = [...found].filter((table) => !temporary.has(table) && table !== file.name).sort();
  return { ...file, steps, upstream: read.filter((table) => names.has(table)), reads: read.filter((table) => !names.has(table)) };
}

/** Temporary tables that the runner makes. */
const runnerTables = ['message', 'contact', 'experiment'].flatMap((kind) => [`touched_${kind}`, `claimed_${kind}`]);

/** json_serialize_sql is a long macro: prepared once, it costs a third. */
const treeOf =
  'SELECT json_serialize_sql($sql::VARCHAR, skip_null := true, skip_empty := true, skip_default := true)::VARCHAR AS tree';

async function sectionTables(connection: Connection, file: string, section: ModelSection): Promise<Set<string>> {
  const [row] = await connection.script(treeOf, { sql: section.sql });
  const tree = JSON.parse(String(row?.tree)) as {
    error: boolean;
    error_message?: string;
    position?: string;
    statements?: unknown[];
  };
  if (tree.error || tree.statements?.length !== 1) {
    const line = section.line + lineAt(section.sql, Number(tree.position ?? 0)) - 1;
    const detail = tree.error ? `${tree.error_message}` : 'a section holds one SELECT';
    throw new SluiceError('model_invalid', { detail, file, line });
  }
  const tables = new Set<string>();
  walk(tree.statements[0], new Set(), tables);
  return tables;
}

type Node = { type?: string; table_name?: string; cte_map?: { map?: { key: string; value: unknown }[] } };

function walk(node: unknown, hidden: ReadonlySet<string>, tables: Set<string>): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, hidden, tables);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type, table_name, cte_map } = node as Node;
  if (type === 'BASE_TABLE' && table_name !== undefined && !hidden.has(table_name)) tables.add(table_name);
  const inner = cte_map?.map?.length ? new Set([...hidden, ...cte_map.map.map(({ key }) => key)]) : hidden;
  for (const child of Object.values(node)) walk(child, inner, tables);
}

/**
 * Kahn's algorithm, in order of name among the free ones; what is left lies on cycles or behind them. Models that tell of changes come
 * before those that take them, where they can: what changes is then there at once, not with the next build.
 */
function sort(models: Model[], problems: Models['problems']): Models {
  const told = toldBy(models);
  const sorted: Model[] = [];
  let left = models;
  for (;;) {
    const open = new Set(left.map(({ name }) => name));
    const isOpen = (name: string) => open.has(name);
    const free = left.filter(({ upstream }) => !upstream.some(isOpen));
    if (free.length === 0) break;
    const informed = free.filter((model) => !told(model).some(isOpen));
    const next = informed.length > 0 ? informed : free;
    sorted.push(...next);
    left = left.filter((model) => !next.includes(model));
  }
  const cycles = findCycles(left);
  for (const model of left) {
    const detail =
      cycles.length === 0
        ? 'is part of a cycle'
        : `cycles: ${cycles.map((cycle) => [...cycle, cycle[0]].join(' -> ')).join('; ')}`;
    problems.push({
      name: model.name,
      error: new SluiceError('model_invalid', { detail, file: model.file, line: model.query.line }),
    });
  }
  return { models: sorted, problems };
}

/** The change table that a model takes its keys from. */
function takenTable({ changes }: Model): string | null {
  if (changes === null) return null;
  return `changed_${changes === 'identity' ? 'contact' : changes}`;
}

/** By model the names of those that tell of changes which it takes, without those that need somebody who takes the same ones. */
function toldBy(models: Model[]): (model: Model) => string[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const needsTaker = (name: string, table: string, seen: Set<string>): boolean =>
    (byName.get(name)?.upstream ?? []).some((other) => {
      const model = byName.get(other);
      if (model === undefined || seen.has(other)) return false;
      seen.add(other);
      return takenTable(model) === table || needsTaker(other, table, seen);
    });
  const tellers = new Map<string, string[]>();
  for (const { name, emits } of models) {
    for (const { name: table } of emits) {
      if (!needsTaker(name, table, new Set())) tellers.set(table, [...(tellers.get(table) ?? []), name]);
    }
  }
  return (model) => {
    const table = takenTable(model);
    return table === null ? [] : (tellers.get(table) ?? []).filter((name) => name !== model.name);
  };
}

/** Every elementary cycle once, beginning with its smallest name. The graphs are small. */
function findCycles(models: Model[]): string[][] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const cycles: string[][] = [];
  const follow = (path: string[]) => {
    const [start] = path;
    for (const next of byName.get(path.at(-1) ?? '')?.upstream ?? []) {
      if (next === start) cycles.push(path);
      else if (start !== undefined && next > start && !path.includes(next)) follow([...path, next]);
    }
  };
  for (const name of [...byName.keys()].sort()) follow([name]);
  return cycles;
}
