import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { ask, type Child, startChild } from './child.ts';
import { percentile } from './http-load.ts';

/**
 * `npm run bench:gateway`: what the gateway adds to a send, beside a bare proxy of the same libraries in the same run. Each pair of
 * sends goes out at once, one through each, so that both meet the same machine. The brake runs in shadow mode: it does all its work
 * and refuses nothing. Where people are judged, all of them agreed to marketing, and no one is written to twice. How late the load
 * generator itself was stands below: its lateness is in both ways alike.
 * Options: --seconds N (each way of judging, 20), --rate N (pairs a second, 80: what a number may send), --only count|people.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '80' },
    only: { type: 'string' },
  },
});
const warmUpSeconds = 3;
const token = 'bench-platform-token-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const print = (line: string) => process.stdout.write(`${line}\n`);
const running: Child[] = [];
const start = async (options: Parameters<typeof startChild>[0]) => {
  const child = await startChild(options);
  running.push(child);
  return child;
};

print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`);
try {
  const platform = await start({ script: 'platform' });
  const SLUICE_GRAPH_URL = `http://127.0.0.1:${platform.port}`;
  const bare = await start({ script: 'bare-proxy', settings: { SLUICE_GRAPH_URL } });
  for (const judges of ['count', 'people'].filter((way) => values.only === undefined || values.only === way)) {
    const settings = {
      SLUICE_GRAPH_URL,
      SLUICE_CONTROL_MODE: 'shadow',
      SLUICE_GATEWAY_TOKENS: token,
      SLUICE_GATEWAY_JUDGES: judges,
    };
    const sluice = await start({ script: 'sluice', dataDir: join(folder, judges), settings });
    await ready(sluice);
    const seconds = Number(values.seconds);
    if (judges === 'people') await agreed(sluice, Math.ceil((warmUpSeconds + seconds) * Number(values.rate)) + 1);
    const pools = [bare, sluice].map(({ port }) => new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 }));
    const first = await pairs(pools, warmUpSeconds, 1, () => undefined);
    const busyBefore = [bare, sluice].map((child) => child.processorTime());
    const times = { bare: [] as number[], sluice: [] as number[], added: [] as number[] };
    const late: number[] = [];
    const heard = (one: number, other: number) => {
      times.bare.push(one);
      times.sluice.push(other);
      times.added.push(other - one);
    };
    await pairs(pools, seconds, first, heard, late);
    print(`\nSends judged by ${judges}, ${values.rate} a second each, ${times.bare.length} pairs; ms`);
    for (const [name, list] of Object.entries(times)) {
      const sorted = list.sort((a, b) => a - b);
      const at = (share: number) => percentile(sorted, share).toFixed(2).padStart(8);
      print(`  ${name.padEnd(8)} p50 ${at(0.5)}   p90 ${at(0.9)}   p99 ${at(0.99)}`);
    }
    const added99 = percentile(times.sluice, 0.99) - percentile(times.bare, 0.99);
    print(`  p99 of Sluice less p99 of the bare proxy: ${added99.toFixed(2)} (wanted: below 5)`);
    const [bareCost = 0, cost = 0] = [bare, sluice].map(
      (child, i) => (1000 * (child.processorTime() - (busyBefore[i] ?? 0))) / times.sluice.length,
    );
    print(`  processor time a send: bare ${bareCost.toFixed(2)} ms, Sluice ${cost.toFixed(2)} ms with all its threads`);
    late.sort((a, b) => a - b);
    print(
      `  the load generator began a pair late by p50 ${percentile(late, 0.5).toFixed(2)}, p99 ${percentile(late, 0.99).toFixed(2)} ms`,
    );
    await Promise.all(pools.map((pool) => pool.close()));
    await sluice.stop();
    running.splice(running.indexOf(sluice), 1);
  }
} finally {
  await Promise.all(running.map((child) => child.stop()));
  rmSync(folder, { recursive: true, force: true });
}

/** Waits until the controller has taken over: until then nothing is forwarded. */
async function ready({ port }: Child): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/v23.0/106540352242922/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: sendBody(0),
    });
    await answer.text();
    if (answer.status === 200) return;
    await sleep(200);
  }
}

/** Everybody's consent to marketing, told and applied. */
async function agreed({ port }: Child, people: number): Promise<void> {
  const at = new Date().toISOString();
  const events = Array.from({ length: people }, (_, n) => {
    return { id: `agreed-${n}`, type: 'consent.changed', at, phone: phoneOf(n), category: 'marketing', state: 'granted' };
  });
  for (let from = 0; from < people; from += 1000) {
    const body = JSON.stringify(events.slice(from, from + 1000));
    await ask(port, '/v1/events', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
  const waits = async () =>
    ((await ask(port, '/v1/status')) as { positions: { lag: string }[] }).positions.some(({ lag }) => lag !== '0');
  while (await waits()) await sleep(100);
}

/**
 * Sends pairs at the rate, each to a person of its own from the `first` on; `heard` gets the time of each pair through the bare proxy and
 * through Sluice, `late` by how much later than due each began, ms. Answers the first person who is left.
 */
async function pairs(
  pools: readonly Pool[],
  seconds: number,
  first: number,
  heard: (bare: number, sluice: number) => void,
  late: number[] = [],
): Promise<number> {
  const waiting: Promise<void>[] = [];
  const every = 1000 / Number(values.rate);
  const began = performance.now();
  let n = 0;
  for (; n * every < seconds * 1000; n += 1) {
    const wait = began + n * every - performance.now();
    if (wait > 0) await sleep(wait);
    late.push(performance.now() - began - n * every);
    const body = sendBody(first + n);
    // Neither is always the first.
    const order = n % 2 === 0 ? [0, 1] : [1, 0];
    const took = [0, 0];
    const pair = order.map(async (index) => {
      const from = performance.now();
      const answer = await pools[index]?.request({
        method: 'POST',
        path: '/v23.0/106540352242922/messages',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      });
      const text = await answer?.body.text();
      if (answer?.statusCode !== 200) throw new Error(`${index === 0 ? 'bare' : 'sluice'}: ${answer?.statusCode} ${text}`);
      took[index] = performance.now() - from;
    });
    const done = Promise.all(pair).then(() => heard(took[0] ?? 0, took[1] ?? 0));
    done.catch(() => undefined); // told below
    waiting.push(done);
  }
  await Promise.all(waiting);
  return first + n;
}

function phoneOf(n: number): string {
  return `+49151${String(n).padStart(8, '0')}`;
}

function sendBody(n: number): string {
  return JSON.stringify({
    messaging_product: 'whatsapp',
    to: phoneOf(n),
    type: 'template',
    template: {
      name: 'bench',
      language: { code: 'en' },
      components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ada' }] }],
    },
    biz_opaque_callback_data: JSON.stringify({ campaign_id: 'bench', segment_id: `s${n % 7}` }),
  });
}
