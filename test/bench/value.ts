import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { ask, type Child, startChild } from './child.ts';
import { percentile } from './http-load.ts';

/**
 * `npm run bench:value`: how long the first forecast of many customers takes, fits and back-test included, and what it costs the others.
 * Options: --customers N (1000000), --memory MiB of the warehouse (512).
 */
const { values } = parseArgs({
  options: { customers: { type: 'string', default: '1000000' }, memory: { type: 'string', default: '512' } },
});
const customers = Number(values.customers);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  print(`Node ${process.version}, ${cpus().length} cores, ${customers} customers`);
  const orders = await makeOrders(join(folder, 'warehouse.duckdb'));
  print(`made ${orders} orders`);
  const server = await startChild({ script: 'sluice', dataDir: folder, memoryMb: Number(values.memory) });
  try {
    for (let n = 0; n < 20; n += 1) await ask(server.port, '/healthz');
    const quiet = await watched(server, () => rest(5000));
    print(`at rest: health p99 ${quiet.p99.toFixed(1)} ms, ${quiet.peakMb.toFixed(0)} MB`);
    for (const [what, path] of [
      ['first forecast (two fits, back-test, scores)', '/v1/value/forecast'],
      ['second forecast (scores by cohort)', '/v1/value/forecast?by=cohort'],
      ['cohorts', '/v1/value/cohorts'],
    ] as const) {
      const { seconds, cpu, p50, p99, peakMb, answer } = await watched(server, () => ask(server.port, path));
      print(
        `${what}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU; meanwhile health p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; peak ${peakMb.toFixed(0)} MB`,
      );
      const { fit, back_test: past } = answer as { fit?: unknown; back_test?: { transactions: unknown; naive: unknown } };
      if (fit !== undefined) print(JSON.stringify({ fit, transactions: past?.transactions, naive: past?.naive }));
    }
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function makeOrders(path: string): Promise<number> {
  const database = await Database.open({ path, memoryMb: 2048, threads: 2, checkpointMb: 256 });
  const connection = await database.connect();
  await migrate(connection);
  const until = new Date().toISOString().slice(0, 10);
  await connection.exec(`SET VARIABLE customers = ${customers}; SET VARIABLE until = TIMESTAMP '${until}'`);
  await connection.exec(readProjectFile('test/bench/sql/orders.sql'));
  const [row] = await connection.rows('SELECT count(*) AS n FROM fact_conversion');
  connection.close();
  database.close();
  return Number(row?.n);
}

/** Does something while asking for the server's health, and tells how long these answers and the work took. */
async function watched(server: Child, work: () => Promise<unknown>) {
  const latencies: number[] = [];
  let peak = 0;
  let done = false;
  const [started, used] = [performance.now(), server.processorTime()];
  const watching = (async () => {
    while (!done) {
      const asked = performance.now();
      await ask(server.port, '/healthz');
      latencies.push(performance.now() - asked);
      peak = Math.max(peak, server.memory());
      await rest(10);
    }
  })();
  const answer = await work();
  const seconds = (performance.now() - started) / 1000;
  const cpu = server.processorTime() - used;
  done = true;
  await watching;
  const sorted = latencies.sort((one, other) => one - other);
  return { answer, seconds, cpu, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), peakMb: peak / 1e6 };
}
