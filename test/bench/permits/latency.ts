import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { z } from 'zod';
import { ask, benchSecret, type Child, startChild } from '../child.ts';
import { httpLoad, percentile } from '../http-load.ts';
import { StatusTraffic } from '../traffic.ts';

const permit = z.object({ granted: z.number(), scope: z.string(), state: z.string(), reason: z.string() });
const perPost = 20;
/** The number that asks: the statuses are of another one, which sends without permits and so is held. */
const asking = '106540352249999';
/** From one permit asked for to the next: how finely the delay is seen. */
const pollMs = 20;
/** Stops under way at once. */
const lanes = 4;

/**
 * How long it takes from the answer to a signed webhook that pauses a template (it is durable then) to the first permit refused for it,
 * while statuses come in at a steady rate.
 */
export async function brakeLatency(options: {
  folder: string;
  samples: number;
  eventsPerSecond: number;
  print: (line: string) => void;
}): Promise<void> {
  const { folder, samples, eventsPerSecond, print } = options;
  print(`\nDurable event to refused permit: ${samples} templates paused while ${eventsPerSecond} statuses/s come in`);
  const server = await startChild({ script: 'sluice', dataDir: join(folder, 'latency') });
  try {
    await measure(server, options);
  } finally {
    await server.stop();
  }
}

async function measure(server: Child, options: { samples: number; eventsPerSecond: number; print: (line: string) => void }) {
  const { samples, eventsPerSecond, print } = options;
  const traffic = new StatusTraffic({ secret: benchSecret, perPost, contacts: 50_000, now: Date.now, run: 'B' });
  let running = true;
  const load = (async () => {
    let statuses = 0;
    let seconds = 0;
    while (running) {
      const part = await httpLoad({
        port: server.port,
        connections: 16,
        seconds: 5,
        rate: eventsPerSecond / perPost,
        next: () => traffic.next(),
      });
      statuses += (part.answered - part.refused) * perPost;
      seconds += part.seconds;
    }
    return statuses / seconds;
  })();
  await rest(5000);
  const times: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (next < samples) times.push(await stop(server, ++next));
    }),
  );
  running = false;
  const rate = await load;
  const sorted = Float64Array.from(times).sort();
  print(
    `  p50 ${percentile(sorted, 0.5).toFixed(0)} ms, p99 ${percentile(sorted, 0.99).toFixed(0)} ms, max ${percentile(sorted, 1).toFixed(0)} ms over ${times.length} at ${Math.round(rate)} statuses/s (wanted: p99 under 2000 ms)`,
  );
}

/** Pauses one template and asks for permits until one is refused for it; ms from the webhook's answer to the refusal's. */
async function stop(server: Child, sample: number): Promise<number> {
  const template = `latency_${sample}`;
  let asked = 0;
  const request = async () => {
    const body = {
      request_id: `latency-${sample}-${++asked}`,
      phone_number_id: asking,
      campaign_id: `latency-${sample}`,
      template_name: template,
      category: 'marketing',
      count: 1,
    };
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return permit.parse(await ask(server.port, '/v1/permits', init));
  };
  for (;;) {
    const first = await request().catch(() => null); // the controller is still starting
    if (first !== null && first.granted > 0) break;
    await rest(200);
  }
  // Somewhere between two looks of the controller.
  await rest((sample * 137) % 500);
  await pause(server, template, sample);
  const durable = performance.now();
  for (;;) {
    const answer = await request();
    if (answer.granted === 0 && answer.scope === `template:${template}`) return performance.now() - durable;
    if (performance.now() - durable > 30_000) {
      throw new Error(`${template} was not stopped within 30 s; the newest answer: ${JSON.stringify(answer)}`);
    }
    await rest(pollMs);
  }
}

async function pause(server: Child, template: string, id: number): Promise<void> {
  const value = {
    event: 'PAUSED',
    message_template_id: 9_000_000 + id,
    message_template_name: template,
    message_template_language: 'en',
    reason: 'NONE',
    other_info: { title: 'FIRST_PAUSE', description: 'paused' },
  };
  const entry = {
    id: '102290129340398',
    time: Math.floor(Date.now() / 1000),
    changes: [{ field: 'message_template_status_update', value }],
  };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [entry] });
  const signature = createHmac('sha256', benchSecret).update(body).digest('hex');
  const answer = await fetch(`http://127.0.0.1:${server.port}/webhooks/whatsapp`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  });
  if (!answer.ok) throw new Error(`the webhook was answered ${answer.status}`);
}
