import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { readProjectFile } from '../sql/files.ts';

/** A column of a model: what it means, and its unit where it has one. */
export interface ModelColumn {
  description: string;
  unit?: string;
}

/** A part of a model file below its header: SQL and the line it begins on. */
export interface ModelSection {
  /** `temp`: a temporary table made before the query. `query`: the model. `emit`: rows for a change table. `audit`: must return no row. */
  kind: 'temp' | 'variable' | 'query' | 'emit' | 'audit';
  name: string;
  sql: string;
  /** Line of the file on which `sql` begins, from 1. */
  line: number;
}

/** One model as its file says it. */
export interface ModelFile {
  name: string;
  /** Path from the project's root, for messages. */
  file: string;
  kind: 'view' | 'table' | 'incremental';
  /** `segment`: people of a kind, by a query that gives the column customer. */
  layer: 'seed' | 'staging' | 'mart' | 'segment';
  grain: string;
  description: string;
  timeColumn: string | null;
  /** Incremental: the columns that name the rows to delete and insert again. */
  key: string[];
  /** Incremental: the temporary table with the keys touched: a `temp` section, or the runner's `touched_message`. */
  touched: string | null;
  /** Table over facts: it is built anew when it is this old, ms; null: only when what it reads by definition has changed. */
  refreshMs: number | null;
  /** Which change rows drive it. */
  changes: 'message' | 'contact' | 'identity' | 'experiment' | null;
  /** A CSV file of sql/seeds that the query reads from `getvariable('seed_file')`. */
  seed: string | null;
  columns: Record<string, ModelColumn>;
  /** Temporary tables and variables, in order. */
  steps: ModelSection[];
  query: ModelSection;
  emits: ModelSection[];
  audits: ModelSection[];
  /** Of the text of the file. */
  checksum: string;
}

const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be a name in lower case');
const text = z.string().trim().min(1);
const header = z
  .strictObject({
    name: identifier,
    kind: z.enum(['view', 'table', 'incremental']),
    layer: z.enum(['seed', 'staging', 'mart', 'segment']),
    grain: text,
    description: text,
    time_column: identifier.optional(),
    key: z.array(identifier).min(1).optional(),
    touched: identifier.optional(),
    changes: z.enum(['message', 'contact', 'identity', 'experiment']).optional(),
    refresh: z
      .string()
      .regex(/^[1-9][0-9]*[mhd]$/, 'must be a time such as 15m, 6h or 1d')
      .optional(),
    seed: z
      .string()
      .regex(/^[a-z0-9_]+\.csv$/)
      .optional(),
    columns: z.record(
      identifier,
      z.union([text.transform((description) => ({ description })), z.strictObject({ description: text, unit: text })]),
    ),
  })
  .refine((value) => (value.kind === 'incremental') === (value.key !== undefined), {
    message: 'is needed by an incremental model, and only there',
    path: ['key'],
  })
  .refine((value) => (value.kind === 'incremental') === (value.touched !== undefined), {
    message: 'is needed by an incremental model, and only there',
    path: ['touched'],
  })
  .refine((value) => value.layer !== 'segment' || 'customer' in value.columns, {
    message: 'of a segment are customer, and what else it tells of them',
    path: ['columns'],
  })
  .refine((value) => value.refresh === undefined || value.kind === 'table', {
    message: 'is only for a table',
    path: ['refresh'],
  })
  .refine((value) => (value.key ?? []).every((column) => column in value.columns), {
    message: 'names a column that is not described',
    path: ['key'],
  })
  .refine((value) => value.time_column === undefined || value.time_column in value.columns, {
    message: 'names a column that is not described',
    path: ['time_column'],
  });

const sectionMark = /^-- (temp|variable|query|emit|audit)(?:: *(.*?))? *$/;

/**
 * Reads a model file: a block comment with YAML, then the query, before and after which `-- temp: name`, `-- variable: name`,
 * `-- emit: table` and `-- audit: name` open further sections.
 * @param file path shown in messages
 * @param name expected name, from the file's name
 * @throws SluiceError `model_invalid` with file and line
 */
export function parseModelFile(file: string, name: string, content: string): ModelFile {
  const invalid = (detail: string, line: number) => new SluiceError('model_invalid', { detail, file, line });
  const end = content.indexOf('*/');
  if (!content.startsWith('/*') || end < 0) throw invalid('begins with a comment /* ... */ that holds the header', 1);
  const head = readHeader(content.slice(2, end), invalid);
  if (head.name !== name) throw invalid(`is named "${head.name}" in its header and "${name}" as a file`, 2);
  const sections = readSections(content, end + 2, invalid);
  const of = (kind: ModelSection['kind']) => sections.filter((section) => section.kind === kind);
  const [query, second] = of('query');
  if (query === undefined) throw invalid('has no query', lineAt(content, end));
  if (second !== undefined) throw invalid('has two queries', second.line);
  const twice = sections.find(
    (one, at) => sections.findIndex((other) => other.kind === one.kind && other.name === one.name) < at,
  );
  if (twice !== undefined) throw invalid(`has two sections "${twice.kind}: ${twice.name}"`, twice.line);
  return {
    name,
    file,
    kind: head.kind,
    layer: head.layer,
    grain: head.grain,
    description: head.description,
    timeColumn: head.time_column ?? null,
    key: head.key ?? [],
    touched: head.touched ?? null,
    refreshMs: head.refresh === undefined ? null : durationMs(head.refresh),
    changes: head.changes ?? null,
    seed: head.seed ?? null,
    columns: head.columns,
    steps: sections.filter(({ kind }) => kind === 'temp' || kind === 'variable'),
    query,
    emits: of('emit'),
    audits: of('audit'),
    checksum: createHash('sha256').update(content).digest('hex'),
  };
}

/** Files as they were read last: to read YAML is slow, and most are read again unchanged. */
const known = new Map<string, { content: string; parsed: ModelFile }>();

/**
 * Reads the file of a model; of a file that says the same as before, gives what it gave before.
 * @param path from the project's root, or absolute
 * @throws SluiceError `model_invalid` with file and line
 */
export function readModelFile(path: string, name: string): ModelFile {
  const content = readProjectFile(path);
  const before = known.get(path);
  if (before?.content === content) return before.parsed;
  const parsed = parseModelFile(path, name, content);
  known.set(path, { content, parsed });
  return parsed;
}

/** `15m`, `6h`, `1d` in ms. */
function durationMs(text: string): number {
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[text.slice(-1)] ?? Number.NaN;
  return Number(text.slice(0, -1)) * unit;
}

type Invalid = (detail: string, line: number) => SluiceError;

function readHeader(yaml: string, invalid: Invalid): z.output<typeof header> {
  const document = parseDocument(yaml, { prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake !== undefined) throw invalid(mistake.message, lineAt(yaml, mistake.pos[0]));
  const checked = header.safeParse(document.toJS());
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw invalid(`${issue?.path.join('.') || 'the header'}: ${issue?.message}`, lineOfPath(document, yaml, issue?.path ?? []));
}

/** Line of a YAML text (from 1) on which the value at a path stands, or the nearest value above it. */
export function lineOfPath(document: ReturnType<typeof parseDocument>, yaml: string, path: PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return lineAt(yaml, node.range[0]);
  }
  return 1;
}

/** Line (from 1) of a position in a text. */
export function lineAt(content: string, position: number): number {
  return content.slice(0, position).split('\n').length;
}

function readSections(content: string, from: number, invalid: Invalid): ModelSection[] {
  const lines = content.split('\n');
  const first = lineAt(content, from);
  const sections: ModelSection[] = [];
  let open: ModelSection = { kind: 'query', name: 'query', sql: '', line: first + 1 };
  const close = () => {
    const body = open.sql.replace(/;\s*$/, '').trimEnd();
    if (body.trim() !== '') sections.push({ ...open, sql: body });
    else if (open.kind !== 'query' || open.line !== first + 1)
      throw invalid(`section "${open.kind}: ${open.name}" is empty`, open.line);
  };
  lines.slice(first).forEach((line, at) => {
    const mark = sectionMark.exec(line);
    if (mark === null) {
      open.sql += `${line}\n`;
      return;
    }
    close();
    const kind = mark[1] as ModelSection['kind'];
    const name = kind === 'query' ? 'query' : mark[2];
    const needsIdentifier = kind !== 'audit';
    if (name === undefined || name === '' || (needsIdentifier && !/^[a-z][a-z0-9_]*$/.test(name))) {
      throw invalid(`section "${kind}" needs a name`, first + at + 1);
    }
    open = { kind, name, sql: '', line: first + at + 2 };
  });
  close();
  return sections;
}
