import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchToken, type Child, startChild } from './child.ts';
import { percentile } from './http-load.ts';
import { coreRate } from './permits/core.ts';
import { brakeLatency } from './permits/latency.ts';
import { pipelinedLoad } from './permits/pipelined-load.ts';
import { permitBurst } from './permits/traffic.ts';

/**
 * `npm run bench:permits`: count permits a second over HTTP, durable before they are answered, beside a bare Fastify route in the same
 * run, by clients with several requests in flight, by clients that wait for each answer, and by clients that ask for many permits in one
 * body; the book alone; and how long a durable event takes until permits are refused. How many rights were given the server tells. Beside the rate stands the processor time of the server, all its threads, which others on the machine
 * disturb less.
 * Options: --seconds N (each measurement, 6), --samples N (stops measured, 200), --rate N (events a second meanwhile, 5000),
 * --only core|http|list|latency, --depth N (requests in flight on each of 32 connections, 16), --list N (permits in one body, 100),
 * --rounds N (3).
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    samples: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5000' },
    depth: { type: 'string', default: '16' },
    list: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
/** As `npm start` starts it. */
const startOptions = ['--max-semi-space-size=32'];
const print = (line: string) => process.stdout.write(`${line}\n`);
const wanted = (part: string) => values.only === undefined || values.only === part;

print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`);
try {
  if (wanted('core')) {
    const { perSecond, perCpuSecond, leases } = coreRate(Number(values.seconds));
    print(
      `\nThe book alone: ${Math.round(perSecond)} grants/s in process (${Math.round(perCpuSecond)} a second of CPU time), ${leases} leases out at the end`,
    );
  }
  if (wanted('http')) {
    await http({ connections: 32, depth: Number(values.depth), list: null });
    await http({ connections: 64, depth: 1, list: null });
  }
  if (wanted('http') || wanted('list')) await http({ connections: 8, depth: 1, list: Number(values.list) });
  if (wanted('latency')) {
    await brakeLatency({ folder, samples: Number(values.samples), eventsPerSecond: Number(values.rate), print });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function http(way: { connections: number; depth: number; list: number | null }): Promise<void> {
  const { connections, depth, list } = way;
  const size = list ?? 1;
  const bodies = list === null ? '' : `, ${list} permits in one body`;
  print(
    `\nCount permits over HTTP: ${connections} connections, ${depth} in flight on each${bodies}; bare Fastify and Sluice in turn`,
  );
  const ratios: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const rates: Record<string, number> = {};
    for (const script of ['bare-permits', 'sluice'] as const) {
      const server = await startChild({ script, dataDir: join(folder, `http-${depth}-${size}-${round}`), node: startOptions });
      const load = { port: server.port, connections, depth, burst: permitBurst(`${round}-${script}`, list) };
      await pipelinedLoad({ ...load, seconds: 2 });
      const given = script === 'sluice' ? await rightsGiven(server) : 0;
      const before = server.processorTime();
      const { answered, refused, seconds, latencies } = await pipelinedLoad({ ...load, seconds: Number(values.seconds) });
      const permits = answered * size;
      const cost = ((server.processorTime() - before) * 1e6) / permits;
      rates[script] = permits / seconds;
      const times = `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms`;
      const granted = script === 'sluice' ? `; rights given: ${(await rightsGiven(server)) - given} of ${permits}` : '';
      print(
        `  round ${round} ${script.padEnd(12)} ${Math.round(rates[script])}/s, ${cost.toFixed(0)} µs of CPU each; a burst of ${depth}: ${times}; not 200: ${refused}${granted}`,
      );
      await server.stop();
    }
    ratios.push((rates['sluice'] ?? 0) / (rates['bare-permits'] ?? 1));
  }
  print(`  Sluice / bare: ${ratios.map((ratio) => `${Math.round(ratio * 100)} %`).join(', ')} (wanted: at least 20,000/s)`);
}

/** Rights that the server says it granted since its start. */
async function rightsGiven({ port }: Child): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${benchToken}` } });
  const [, count] = /^sluice_permit_rights_total\{[^}]*"granted"\} (\d+)/m.exec(await answer.text()) ?? [];
  return Number(count);
}
