import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { benchSecret, type Child, startChild } from '../child.ts';
import { httpLoad, percentile } from '../http-load.ts';
import { StatusTraffic } from '../traffic.ts';
import { type BrakeEvent, listFailing, templatePaused, untilRefused } from './brake-event.ts';

const perPost = 20;
/** Samples under way at once. */
const lanes = 4;

/**
 * How long it takes from the answer to a signed webhook (it is durable then) to the first permit refused for what it tells, while
 * statuses come in at a steady rate: for a word of the platform, and for evidence that must be applied, counted and judged first.
 */
export async function brakeLatency(options: {
  folder: string;
  samples: number;
  eventsPerSecond: number;
  print: (line: string) => void;
}): Promise<void> {
  const { folder, eventsPerSecond, print } = options;
  print(`\nDurable event to refused permit, while ${eventsPerSecond} statuses/s come in (wanted: p99 under 2000 ms)`);
  const server = await startChild({ script: 'sluice', dataDir: join(folder, 'latency') });
  const load = steady(server, eventsPerSecond);
  try {
    await rest(5000);
    for (const event of [templatePaused, listFailing]) await measure(server, event, load, options);
  } finally {
    await load.end();
    await server.stop();
  }
}

async function measure(
  server: Child,
  event: BrakeEvent,
  load: ReturnType<typeof steady>,
  { samples, print }: { samples: number; print: (line: string) => void },
): Promise<void> {
  const times: number[] = [];
  let next = 0;
  const before = { statuses: load.statuses(), at: performance.now(), cpu: server.processorTime() };
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (next < samples) times.push(await untilRefused(server, event, ++next));
    }),
  );
  const seconds = (performance.now() - before.at) / 1000;
  const rate = (load.statuses() - before.statuses) / seconds;
  const cores = (server.processorTime() - before.cpu) / seconds;
  const sorted = Float64Array.from(times).sort();
  const ms = (share: number) => percentile(sorted, share).toFixed(0);
  print(
    `  ${event.what}: p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms, max ${ms(1)} ms over ${times.length} at ${Math.round(rate)} statuses/s, ${cores.toFixed(2)} cores used by the server`,
  );
}

/** Signed posts of statuses at a steady rate until the end. */
function steady(server: Child, eventsPerSecond: number): { statuses: () => number; end: () => Promise<void> } {
  const traffic = new StatusTraffic({ secret: benchSecret, perPost, contacts: 50_000, now: Date.now, run: 'B' });
  const options = { port: server.port, connections: 16, rate: eventsPerSecond / perPost, next: () => traffic.next() };
  let running = true;
  const done = (async () => {
    while (running) await httpLoad({ ...options, seconds: 2 });
  })();
  return {
    statuses: () => traffic.count,
    end: async () => {
      running = false;
      await done;
    },
  };
}
