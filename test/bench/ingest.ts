import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { batchCosts } from './batch-cost.ts';
import { ask, benchSecret, startChild } from './child.ts';
import { httpLoad, percentile } from './http-load.ts';
import { StatusTraffic } from './traffic.ts';

/**
 * `npm run bench:ingest`: how fast signed webhooks become durable and then facts, beside a bare Fastify handler in the same run.
 * Options: --seconds N (the sustained part, 60), --messages N (the largest warehouse, 25000000), --only intake|facts|latency|growth.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    messages: { type: 'string', default: '25000000' },
    rate: { type: 'string', default: '42000' },
    only: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const status = z.object({ positions: z.array(z.object({ lag: z.coerce.number() })), memory_bytes: z.number() });
const traffic = (perPost: number, run: string) =>
  new StatusTraffic({ secret: benchSecret, perPost, contacts: 50_000, now: Date.now, run });
const print = (line: string) => process.stdout.write(`${line}\n`);
const wanted = (part: string) => values.only === undefined || values.only === part;

print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`);
try {
  if (wanted('intake')) await intake();
  if (wanted('facts')) await facts(Number(values.seconds));
  if (wanted('latency')) await latency(Math.min(30, Number(values.seconds)));
  if (wanted('growth')) await growth(Number(values.messages));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Single-status signed posts, as fast as they are answered; bare and Sluice in turn. */
async function intake(): Promise<void> {
  print('\nIntake: signed posts of one status, 256 connections, answered when durable; the warehouse applies them meanwhile');
  const ratios: number[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const rates: Record<string, number> = {};
    for (const script of ['bare', 'sluice'] as const) {
      const server = await startChild({ script, dataDir: join(folder, `intake-${round}`) });
      const source = traffic(1, `I${round}`);
      // The load generator must not be what is measured: requests are made beforehand and sent in turn.
      const requests = Array.from({ length: 20_000 }, () => source.next());
      let at = 0;
      const next = () => requests[at++ % requests.length] as Buffer;
      await httpLoad({ port: server.port, connections: 256, seconds: 2, next });
      const load = await httpLoad({ port: server.port, connections: 256, seconds: 8, next });
      rates[script] = load.answered / load.seconds;
      print(
        `  round ${round} ${script.padEnd(6)} ${Math.round(rates[script])}/s, p50 ${percentile(load.latencies, 0.5).toFixed(1)} ms, p99 ${percentile(load.latencies, 0.99).toFixed(1)} ms, not 200: ${load.refused}`,
      );
      await server.stop();
    }
    ratios.push((rates['sluice'] ?? 0) / (rates['bare'] ?? 1));
  }
  print(`  Sluice / bare: ${ratios.map((ratio) => `${Math.round(ratio * 100)} %`).join(', ')} (wanted: at least 60 %)`);
}

/** Posts of 20 recent statuses at a steady rate: do facts keep up, and in how much memory? */
async function facts(seconds: number): Promise<void> {
  const perPost = 20;
  const rate = Number(values.rate);
  print(`\nFacts: posts of ${perPost} recent statuses at ${rate} statuses/s for ${seconds} s, every one a new status`);
  const server = await startChild({ script: 'sluice', dataDir: join(folder, 'facts') });
  const source = traffic(perPost, 'F');
  const lags: number[] = [];
  const watch = setInterval(() => {
    ask(server.port, '/v1/status').then(
      (answer) => lags.push(lag(answer)),
      () => undefined,
    );
  }, 1000);
  const started = performance.now();
  const load = await httpLoad({ port: server.port, connections: 16, seconds, rate: rate / perPost, next: () => source.next() });
  while (lag(await ask(server.port, '/v1/status')) > 0) await rest(50);
  const applied = (performance.now() - started) / 1000;
  clearInterval(watch);
  const accepted = (load.answered - load.refused) * perPost;
  print(
    `  accepted ${Math.round(accepted / load.seconds)} statuses/s; all ${accepted} were facts after ${applied.toFixed(1)} s: ${Math.round(accepted / applied)}/s (wanted: at least 40,000/s)`,
  );
  print(`  log lag in posts, each second: ${lags.join(' ')}`);
  print(`  processor time a status, all threads of the server: ${((1e6 * server.processorTime()) / accepted).toFixed(1)} µs`);
  print(`  peak resident memory ${(server.peakMemory() / 1e6).toFixed(0)} MB (wanted: under 1000 MB); not 200: ${load.refused}`);
  print(
    `  acknowledged p50 ${percentile(load.latencies, 0.5).toFixed(1)} ms, p99 ${percentile(load.latencies, 0.99).toFixed(1)} ms`,
  );
  await server.stop();
}

/** Acknowledgements while the warehouse checkpoints (a copy of it begins with one) and builds all models anew. */
async function latency(seconds: number): Promise<void> {
  print(
    `\nAcknowledgement: 1,000 posts of one status a second for ${seconds} s while models are built in full and the file is copied`,
  );
  const server = await startChild({ script: 'sluice', dataDir: join(folder, 'facts') });
  const source = traffic(1, 'L');
  let builds = 0;
  let copies = 0;
  const until = performance.now() + seconds * 1000;
  const upset = (async () => {
    while (performance.now() < until) {
      await ask(server.port, '/v1/admin/models/build', json({ full: true }));
      builds += 1;
      await ask(server.port, '/v1/admin/backup', json({ folder: join(folder, `copy-${copies}`) }));
      copies += 1;
    }
  })();
  const load = await httpLoad({ port: server.port, connections: 32, seconds, rate: 1000, next: () => source.next() });
  await upset;
  print(
    `  p50 ${percentile(load.latencies, 0.5).toFixed(1)} ms, p99 ${percentile(load.latencies, 0.99).toFixed(1)} ms, max ${percentile(load.latencies, 1).toFixed(1)} ms over ${load.answered} posts, with ${builds} full builds and ${copies} checkpointed copies`,
  );
  await server.stop();
}

/** What a batch costs as the warehouse grows. */
async function growth(messages: number): Promise<void> {
  print(`\nGrowth: median of nine batches, milliseconds`);
  const until = new Date('2026-11-20T00:00:00Z');
  for (const statuses of [1000, 10_000]) {
    const costs = await batchCosts(folder, [1_000_000, messages], statuses, until);
    for (const cost of costs) {
      print(
        `  ${cost.statuses} statuses, ${cost.messages} messages: recent ${cost.recent.toFixed(1)}, late tail over 7 days ${cost.tail.toFixed(1)}`,
      );
    }
    const [small, large] = costs;
    if (small !== undefined && large !== undefined) {
      print(
        `  recent: ${(large.recent / small.recent).toFixed(2)} times the cost (wanted: under 1.5), tail ${(large.tail / small.tail).toFixed(2)} times`,
      );
    }
  }
}

function lag(answer: unknown): number {
  return status.parse(answer).positions.reduce((sum, position) => sum + position.lag, 0);
}

function json(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
