import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LookFinder } from '../../api/warehouse-thread/look-finder.ts';
import { readCases } from '../../models/experiments/read-evidence.ts';
import { withStrata } from '../../models/experiments/read-strata.ts';
import { verdict } from '../../models/experiments/verdict.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';

/**
 * How long a verdict takes over an experiment of so many people with one message each, and how long a thousand experiments take. The
 * people are made by SQL where the model of people would put them; the statistics are built from them by the models themselves.
 * Usage: node dist/test/bench/experiments.js [people, 25000000 unless told] [experiments, 1000 unless told]
 */
const [people, experiments] = [process.argv[2] ?? 25_000_000, process.argv[3] ?? 1000].map(Number) as [number, number];
const now = Date.UTC(2026, 10, 21);
const folder = mkdtempSync(join(tmpdir(), 'sluice-experiments-'));

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; cpu: number; value: T }> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - started, cpu: (user + system) / 1000, value };
}

/** The marts of experiments from the people, as a full build makes them. */
async function buildMarts(connection: Connection): Promise<void> {
  const { models } = await loadModels();
  for (const { name, query } of models.filter(({ layer, name }) => layer === 'mart' && name.startsWith('experiment_'))) {
    await connection.exec(`SET VARIABLE full_build = true; CREATE OR REPLACE TABLE ${name} AS ${query.sql}`);
  }
}

async function main(): Promise<void> {
  const database = await Database.open({ path: join(folder, 'bench.duckdb'), memoryMb: 2048, threads: 2 });
  const connection = await database.connect();
  await migrate(connection);
  await new ModelRunner(loadModels()).build(connection, { full: true, now: new Date(now) });
  const fill = readProjectFile('test/bench/sql/experiments.sql');
  for (const statement of fill.split(/;\s*\n/).filter((text) => text.replaceAll(/--.*/g, '').trim() !== '')) {
    await connection.run(statement.replaceAll('$people', String(people)).replaceAll('$experiments', String(experiments)));
  }
  const built = await timed(() => buildMarts(connection));
  line(
    `${people.toLocaleString('en')} people, ${experiments} experiments: statistics built in ${(built.ms / 1000).toFixed(1)} s`,
  );

  const single: number[] = [];
  const used: number[] = [];
  let state = '';
  for (let run = 0; run < 100; run += 1) {
    const { ms, cpu, value } = await timed(async () => {
      const [one] = await withStrata(connection, await readCases(connection, 'large', now), now);
      return one === undefined ? null : verdict(one.design, one.evidence, now);
    });
    single.push(ms);
    used.push(cpu);
    state = `${value?.state}, ${value?.counted.toLocaleString('en')} counted`;
  }
  single.sort((a, b) => a - b);
  used.sort((a, b) => a - b);
  line(
    `one verdict over all of them (${state}): p50 ${at(single, 0.5)} ms, p95 ${at(single, 0.95)} ms (target < 200); of CPU p50 ${at(used, 0.5)} ms, p95 ${at(used, 0.95)} ms`,
  );
  for (const what of ['first time', 'again'] as const) {
    const { ms, cpu, value } = await timed(async () => {
      const cases = await readCases(connection, null, now);
      return cases.map(({ design, evidence }) => verdict(design, evidence, now, { detail: false }));
    });
    line(`${value.length} experiments judged, ${what}: ${Math.round(ms)} ms, ${Math.round(cpu)} ms of CPU (target < 5000 again)`);
  }
  const watcher = new LookFinder();
  for (const what of ['first time', 'again'] as const) {
    const { ms, cpu, value } = await timed(() => watcher.due(connection, now));
    line(`looks of ${value.length} experiments found due, ${what}: ${Math.round(ms)} ms, ${Math.round(cpu)} ms of CPU`);
  }
  connection.close();
  database.close();
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
