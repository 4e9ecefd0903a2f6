import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ask, benchToken, type Child, startChild } from './child.ts';
import { percentile } from './http-load.ts';
import { coreRate } from './permits/core.ts';
import { brakeLatency } from './permits/latency.ts';
import { pipelinedLoad } from './permits/pipelined-load.ts';
import { permitBurst } from './permits/traffic.ts';

/**
 * `npm run bench:permits`: count permits a second over HTTP, durable before they are answered, beside a bare Fastify route in the same
 * run that takes and answers the same bodies: plain requests of one permit each, by clients with several in flight and by clients that
 * wait for each answer, and lists of many permits in one body; the book alone; and how long a durable event takes until permits are
 * refused, a word of the platform and failures that cross a detector's line. How many rights were given the server tells. Beside the rate stands the processor time of the server, all its threads, which
 * others on the machine disturb less. Both servers are asked first until they grant, and then for some seconds more: what is new is
 * compiled meanwhile.
 * Options: --seconds N (each measurement, 6), --warm N (seconds before it, 5), --samples N (of each kind of event, 200), --rate N (events a second meanwhile, 5000),
 * --only core|http|list|latency, --depth N (requests in flight on each of 32 connections, 16), --list N (permits in one body, 100),
 * --rounds N (3).
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    warm: { type: 'string', default: '5' },
    samples: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5000' },
    depth: { type: 'string', default: '16' },
    list: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
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
  const forms: Form[] = [];
  if (wanted('http')) {
    forms.push(await http('plain', { connections: 32, depth: Number(values.depth), list: null }));
    forms.push(await http('plain, waiting', { connections: 64, depth: 1, list: null }));
  }
  if (wanted('http') || wanted('list')) {
    forms.push(await http(`list of ${values.list}`, { connections: 8, depth: 1, list: Number(values.list) }));
  }
  if (forms.length > 0) print(`\nCount permits/s, medians of ${values.rounds} rounds (wanted: at least 20,000/s)`);
  for (const { name, sluice, bare } of forms) {
    print(
      `  ${name.padEnd(16)} Sluice ${Math.round(sluice)}/s, bare Fastify with the same bodies ${Math.round(bare)}/s: ${Math.round((100 * sluice) / bare)} %`,
    );
  }
  if (wanted('latency')) {
    const [samples, eventsPerSecond] = [Number(values.samples), Number(values.rate)];
    await brakeLatency({ folder, samples, eventsPerSecond, print });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Form {
  name: string;
  /** Permits a second, medians of all rounds. */
  sluice: number;
  bare: number;
}

async function http(name: string, way: { connections: number; depth: number; list: number | null }): Promise<Form> {
  const { connections, depth, list } = way;
  const size = list ?? 1;
  const bodies = list === null ? '' : `, ${list} permits in one body`;
  print(
    `\nCount permits over HTTP, ${name}: ${connections} connections, ${depth} in flight on each${bodies}; bare Fastify and Sluice in turn`,
  );
  const rates: Record<'bare-permits' | 'sluice', number[]> = { 'bare-permits': [], sluice: [] };
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const script of ['bare-permits', 'sluice'] as const) {
      const server = await startChild({ script, dataDir: join(folder, `http-${depth}-${size}-${round}`) });
      const load = { port: server.port, connections, depth, burst: permitBurst(`${round}-${script}`, list) };
      if (script === 'sluice') await granting(server);
      await pipelinedLoad({ ...load, seconds: Number(values.warm) });
      const given = script === 'sluice' ? await rightsGiven(server) : 0;
      const before = server.processorTime();
      const { answered, refused, seconds, latencies } = await pipelinedLoad({ ...load, seconds: Number(values.seconds) });
      const permits = answered * size;
      const cost = ((server.processorTime() - before) * 1e6) / permits;
      rates[script].push(permits / seconds);
      const times = `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms`;
      const granted = script === 'sluice' ? `; rights given: ${(await rightsGiven(server)) - given} of ${permits}` : '';
      print(
        `  round ${round} ${script.padEnd(12)} ${Math.round(permits / seconds)}/s, ${cost.toFixed(0)} µs of CPU each; a burst of ${depth}: ${times}; not 200: ${refused}${granted}`,
      );
      await server.stop();
    }
  }
  const median = (of: number[]) =>
    percentile(
      of.sort((a, b) => a - b),
      0.5,
    );
  return { name, sluice: median(rates.sluice), bare: median(rates['bare-permits']) };
}

/** Waits until the controller has taken over: nothing is granted before. */
async function granting({ port }: Child): Promise<void> {
  for (let n = 0; ; n += 1) {
    const [method, body] = ['POST', { request_id: `ready-${n}`, phone_number_id: 'ready', category: 'service', count: 1 }];
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(port, '/v1/permits', { method, headers, body: JSON.stringify(body) }).catch(() => null);
    if (answer !== null) return;
    await rest(100);
  }
}

/** Rights that the server says it granted since its start. */
async function rightsGiven({ port }: Child): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${benchToken}` } });
  const [, count] = /^sluice_permit_rights_total\{[^}]*"granted"\} (\d+)/m.exec(await answer.text()) ?? [];
  return Number(count);
}
