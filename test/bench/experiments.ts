import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LookFinder } from '../../api/warehouse-thread/look-finder.ts';
import type { LookDue } from '../../models/experiments/look.ts';
import { readCases } from '../../models/experiments/read-evidence.ts';
import { verdict } from '../../models/experiments/verdict.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { ask, startChild } from './child.ts';
import { percentile } from './http-load.ts';

/**
 * How long a verdict takes over HTTP over an experiment of so many people with one message each, and how long a thousand experiments take.
 * The people are made by SQL where the model of people would put them; the statistics are built from them by the models themselves.
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
  const database = await Database.open({ path: join(folder, 'warehouse.duckdb'), memoryMb: 2048, threads: 2 });
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

  for (const what of ['first time', 'again'] as const) {
    const { ms, cpu, value } = await timed(async () => {
      const cases = await readCases(connection, null, now);
      return cases.map(({ design, evidence }) => verdict(design, evidence, now, { detail: false }));
    });
    line(`${value.length} experiments judged, ${what}: ${Math.round(ms)} ms, ${Math.round(cpu)} ms of CPU (target < 5000)`);
  }
  const watcher = new LookFinder();
  for (const what of ['first time', 'again'] as const) {
    const { ms, cpu, value } = await timed(() => watcher.due(connection, now));
    line(`looks of ${value.length} experiments found due, ${what}: ${Math.round(ms)} ms, ${Math.round(cpu)} ms of CPU`);
    await recordLooks(connection, value);
  }
  connection.close();
  database.close();
  await overHttp();
}

/** Records looks as apply does, so that they are not due again. */
async function recordLooks(connection: Connection, looks: readonly LookDue[]): Promise<void> {
  await connection.run(
    `INSERT INTO fact_experiment_look BY NAME
     SELECT *, design_hash || '/' || look || '/' || state AS look_key, $at::TIMESTAMP AS looked_at, 'c' AS command_id
     FROM (SELECT unnest(from_json($looks, '[{"experiment_id":"VARCHAR","design_hash":"VARCHAR","look":"INTEGER","state":"VARCHAR","document":"JSON"}]'),
       recursive := true))`,
    { looks: JSON.stringify(looks), at: new Date(now) },
  );
}

/** The same warehouse behind a server of its own process. */
async function overHttp(): Promise<void> {
  const server = await startChild({ script: 'sluice', dataDir: folder, memoryMb: 2048 });
  const asked = async (path: string) => {
    const [started, used] = [performance.now(), server.processorTime()];
    const answer = await ask(server.port, path);
    return { ms: performance.now() - started, cpu: (server.processorTime() - used) * 1000, answer };
  };
  try {
    const first = await asked('/v1/experiments/large');
    const { state, counted } = first.answer as { state: string; counted: number };
    const one = [first];
    for (let run = 1; run < 100; run += 1) one.push(await asked('/v1/experiments/large'));
    const sorted = one.map(({ ms }) => ms).sort((a, b) => a - b);
    const cpu = one.reduce((sum, { cpu: used }) => sum + used, 0) / one.length;
    line(
      `GET /v1/experiments/large (${state}, ${counted.toLocaleString('en')} counted): p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p95 ${percentile(sorted, 0.95).toFixed(1)} ms (target < 200); ${cpu.toFixed(1)} ms of CPU each`,
    );
    for (const what of ['first time', 'again']) {
      const all = await asked('/v1/experiments');
      const { experiments: judged } = all.answer as { experiments: unknown[] };
      line(
        `GET /v1/experiments, ${judged.length} judged, ${what}: ${Math.round(all.ms)} ms, ${Math.round(all.cpu)} ms of CPU (target < 5000)`,
      );
    }
  } finally {
    await server.stop();
  }
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
