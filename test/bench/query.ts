import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { benchMessage, benchPhone, benchWarehouse } from './big-warehouse.ts';
import { ask, benchSecret, benchToken, startChild } from './child.ts';
import { httpLoad, percentile } from './http-load.ts';
import { StatusTraffic } from './traffic.ts';

/**
 * `npm run bench:query`: how fast every call that the pages make answers while statuses come in, then every metric alone, and
 * permits for lists of people.
 * Options: --messages N (25000000), --seconds N (60), --rate N statuses a second (2000), --memory MiB (1024), --keep FOLDER.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '25000000' },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2000' },
    memory: { type: 'string', default: '1024' },
    keep: { type: 'string' },
  },
});
const [messages, seconds, rate] = [Number(values.messages), Number(values.seconds), Number(values.rate)];
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  let started = performance.now();
  const lap = (what: string) => {
    print(`${what}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    started = performance.now();
  };
  print(`Node ${process.version}, ${cpus().length} cores, ${messages} messages`);
  const until = await benchWarehouse(join(folder, 'warehouse.duckdb'), messages, new Date(), values.keep);
  lap('made the facts');
  const server = await startChild({ script: 'sluice', dataDir: folder, memoryMb: Number(values.memory) });
  for (let n = 0; n < 20; n += 1) {
    await ask(server.port, `/v1/campaigns/campaign-${n}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `Campaign ${n}`, objective: 'benchmark' }),
    });
  }
  lap('built the models, took the campaigns');

  // One status in ten is a read that comes days late, as reads do.
  const weekAgo = Math.floor((messages * 23) / 30);
  const source = new StatusTraffic({
    secret: benchSecret,
    perPost: 4,
    contacts: 500_000,
    now: Date.now,
    run: 'Q',
    lateEvery: 10,
    late: () => benchMessage(weekAgo + Math.floor(Math.random() * (messages - weekAgo)), messages, until),
  });
  const load = httpLoad({
    port: server.port,
    connections: 8,
    seconds: 2 * seconds + 20,
    rate: rate / 4,
    next: () => source.next(),
  });
  await rest(8000);
  const pages = [
    '/data/overview',
    '/data/overview?range=24h',
    '/data/overview?range=7d',
    '/data/overview?range=30d',
    '/data/campaigns/campaign-19',
    '/data/campaigns/campaign-19?range=30d',
    '/data/campaigns/campaign-10?range=30d',
    '/v1/campaigns',
    '/v1/metrics?metrics=delivery_rate,read_rate,reply_rate&by=campaign&grain=day&zone=Asia/Kolkata',
  ];
  const times = new Map(pages.map((page) => [page, [] as number[]]));
  /** A GET, or a POST of the body that is given. */
  const time = async (path: string, list: number[], body?: unknown) => {
    const headers = { authorization: `Bearer ${benchToken}`, 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const asked = performance.now();
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers, ...post });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    list.push(performance.now() - asked);
    await rest(20);
  };
  let end = performance.now() + seconds * 1000;
  while (performance.now() < end) for (const page of pages) await time(page, times.get(page) ?? []);

  // Then every metric of the catalogue alone, in each round by another of its dimensions: questions that nobody has asked before.
  const { metrics } = (await ask(server.port, '/v1/metrics/catalog')) as { metrics: { name: string; dimensions: string[] }[] };
  const metricTimes = new Map(metrics.map(({ name }) => [name, [] as number[]]));
  end = performance.now() + seconds * 1000;
  for (let round = 0; performance.now() < end; round += 1) {
    for (const { name, dimensions } of metrics) {
      const by = dimensions[round % dimensions.length];
      const path = `/v1/metrics?metrics=${name}${by === undefined ? '' : `&by=${by}`}&limit=${1000 + round}`;
      await time(path, metricTimes.get(name) ?? []);
    }
  }
  // Rights for lists of people, each judged by what is known of them.
  const permitTimes = new Map([1, 100].map((people) => [people, [] as number[]]));
  for (let round = 0; round < 50; round += 1) {
    for (const [people, list] of permitTimes) {
      const contacts = Array.from({ length: people }, (_, n) => ({ phone: benchPhone(round * 1000 + n) }));
      const request_id = `people-${people}-${round}`;
      await time('/v1/permits', list, { request_id, phone_number_id: 'bench', category: 'marketing', contacts });
    }
  }
  const { answered, refused, latencies } = await load;
  print(`\nmilliseconds, ${rate} statuses/s coming in (one in ten about a message up to 7 days old)`);
  const say = (what: string, list: number[]) => {
    list.sort((a, b) => a - b);
    const [p50, p95] = [0.5, 0.95].map((share) => percentile(list, share).toFixed(0).padStart(5));
    print(`  p50 ${p50}  p95 ${p95}  n ${list.length}  ${what}`);
  };
  for (const [page, list] of times) say(page, list);
  const all = [...times.values()].flat().sort((a, b) => a - b);
  print(
    `  p50 ${percentile(all, 0.5).toFixed(0).padStart(5)}  p95 ${percentile(all, 0.95).toFixed(0).padStart(5)}  all calls (wanted: p95 under 150)`,
  );
  const byMetric = [...metricTimes].map(([name, list]) => ({
    name,
    p95: percentile(
      list.toSorted((a, b) => a - b),
      0.95,
    ),
  }));
  say(
    `each of ${metrics.length} metrics by one of its dimensions, never asked before (wanted: p95 under 100)`,
    [...metricTimes.values()].flat(),
  );
  const slowest = byMetric.sort((a, b) => b.p95 - a.p95).slice(0, 5);
  print(`  slowest: ${slowest.map(({ name, p95 }) => `${name} ${p95.toFixed(0)}`).join(', ')}`);
  for (const [people, list] of permitTimes) say(`POST /v1/permits for a list of ${people}`, list);
  print(`posts answered ${answered}, not 200: ${refused}, acknowledged p99 ${percentile(latencies, 0.99).toFixed(1)} ms`);
  print(
    `status: ${JSON.stringify(await ask(server.port, '/v1/status').then((s) => (s as { positions: unknown }).positions))}, memory ${(server.memory() / 2 ** 20).toFixed(0)} MiB, at most ${(server.peakMemory() / 2 ** 20).toFixed(0)} (SLUICE_MEMORY: ${values.memory})`,
  );
  await server.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
