/**
 * Measures how often verdicts are wrong: seeded simulation where people come in batches, exact distributions where every single
 * message is looked at. Writes the tables into docs/verdicts.md and fails where a promise is broken.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../sql/files.ts';
import { guardrail, intervals, planned, ratio, type Table, unplanned } from './verdicts/rows.ts';

const experiments = Number(process.argv[2] ?? 20_000);
const page = join(projectRoot, 'docs', 'verdicts.md');

function markdown({ header, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map(({ cells, met }) => line(met ? cells : cells.map((cell) => `**${cell}**`)));
  return [line(header), line(header.map(() => '---')), ...body].join('\n');
}

function written(text: string, table: Table): string {
  const [open, close] = [`<!-- ${table.name} -->`, `<!-- /${table.name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`docs/verdicts.md has no ${open} ... ${close}`);
  return `${text.slice(0, start + open.length)}\n${markdown(table)}\n${text.slice(end)}`;
}

const tables = [() => planned(experiments), () => unplanned(experiments), intervals, ratio, guardrail].map((measure) => {
  const before = process.cpuUsage();
  const table = measure();
  const seconds = process.cpuUsage(before).user / 1e6;
  process.stdout.write(`${table.name} (${seconds.toFixed(1)} s of processor time)\n${markdown(table)}\n\n`);
  return table;
});
await writeFile(page, tables.reduce(written, await readFile(page, 'utf8')));
const broken = tables.flatMap(({ rows }) => rows).filter(({ met }) => !met).length;
process.stdout.write(broken === 0 ? 'Every promise holds.\n' : `${broken} rows break a promise.\n`);
process.exitCode = broken === 0 ? 0 : 1;
