import { createHmac } from 'node:crypto';
import { setTimeout as rest } from 'node:timers/promises';
import { z } from 'zod';
import { timeOrderedId } from '../../time-ordered-id.ts';
import { benchPhone } from '../big-warehouse.ts';
import { ask, benchSecret, type Child } from '../child.ts';

const permit = z.object({ permit_id: z.string(), granted: z.number(), scope: z.string(), state: z.string(), reason: z.string() });
type Permit = z.output<typeof permit>;

/** The number that asks, one a sample: a new number may have few messages out, and that of the load, which sends without permits, is held. */
const asking = (sample: number) => `10654035225${String(sample).padStart(4, '0')}`;
const account = '102290129340398';
/** From one permit asked for to the next: how finely the delay is seen. */
const pollMs = 20;
/** Failures that come at once: more than any list that was paid for has by chance. */
const failures = 60;

/** Something told by a webhook after which permits are refused. */
export interface BrakeEvent {
  what: string;
  /** Names the campaign and the template of a sample. */
  name: (sample: number) => string;
  /** What goes before, under a permit of the sample. */
  prepare: (server: Child, sample: number, permit: Permit) => Promise<void>;
  webhook: (sample: number) => object;
}

/** The platform's own word, which is read from the webhook as soon as it is durable. */
export const templatePaused: BrakeEvent = {
  what: 'a template paused by the platform',
  name: (sample) => `latency_${sample}`,
  prepare: async () => undefined,
  webhook: (sample) => ({
    field: 'message_template_status_update',
    value: {
      event: 'PAUSED',
      message_template_id: 9_000_000 + sample,
      message_template_name: `latency_${sample}`,
      message_template_language: 'en',
      reason: 'NONE',
      other_info: { title: 'FIRST_PAUSE', description: 'paused' },
    },
  }),
};

/** Evidence, which crosses a detector's line only once it is applied and counted. */
export const listFailing: BrakeEvent = {
  what: `a campaign of which ${failures} messages could not be delivered`,
  name: (sample) => `failing_${sample}`,
  prepare: async (server, sample, { permit_id }) => {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const events = messages(sample, now).map(({ id, phone }) => ({
      ...{
        id: `request-${id}`,
        type: 'message.requested',
        at,
        send_id: id,
        phone,
        phone_number_id: asking(sample),
        waba_id: account,
      },
      ...{ permit_id, campaign_id: `failing_${sample}`, template_name: `failing_${sample}`, category: 'marketing' },
    }));
    sent.set(sample, now);
    await post(server, '/v1/events', events);
  },
  webhook: (sample) => ({
    field: 'messages',
    value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '15550783889', phone_number_id: asking(sample) },
      statuses: messages(sample, sent.get(sample) ?? 0).map(({ id, phone }) => ({
        ...{ id: `wamid.${id}`, status: 'failed', timestamp: String(Math.floor(Date.now() / 1000)), recipient_id: phone },
        biz_opaque_callback_data: id,
        errors: [{ code: 131026, title: 'Message undeliverable' }],
      })),
    },
  }),
};

const sent = new Map<number, number>();

function messages(sample: number, at: number): { id: string; phone: string }[] {
  return Array.from({ length: failures }, (_, n) => ({
    id: timeOrderedId(at, sample * failures + n, '9000'),
    phone: benchPhone(90_000 + sample * failures + n),
  }));
}

/** Tells one thing and asks for permits until one is refused for it; ms from the webhook's answer to the refusal's. */
export async function untilRefused(server: Child, event: BrakeEvent, sample: number): Promise<number> {
  const name = event.name(sample);
  let asked = 0;
  const request = async (count: number) => {
    const body = {
      ...{ request_id: `${name}-${++asked}`, phone_number_id: asking(sample), campaign_id: name, template_name: name },
      ...{ category: 'marketing', count },
    };
    return permit.parse(await post(server, '/v1/permits', body));
  };
  for (;;) {
    const first = await request(failures).catch(() => null); // the controller is still starting
    if (first !== null && first.granted > 0) {
      await event.prepare(server, sample, first);
      break;
    }
    await rest(200);
  }
  // Somewhere between two looks of the controller.
  await rest((sample * 137) % 500);
  await tell(server, event.webhook(sample));
  const durable = performance.now();
  for (;;) {
    const answer = await request(1);
    if (answer.granted === 0 && answer.scope.split(/[:/]/).includes(name)) return performance.now() - durable;
    if (performance.now() - durable > 30_000) {
      throw new Error(`${event.what}, ${name}: not refused within 30 s; the newest answer: ${JSON.stringify(answer)}`);
    }
    await rest(pollMs);
  }
}

function post(server: Child, path: string, body: object): Promise<unknown> {
  return ask(server.port, path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

async function tell(server: Child, change: object): Promise<void> {
  const entry = [{ id: account, time: Math.floor(Date.now() / 1000), changes: [change] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  const signature = createHmac('sha256', benchSecret).update(body).digest('hex');
  const answer = await fetch(`http://127.0.0.1:${server.port}/webhooks/whatsapp`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  });
  if (!answer.ok) throw new Error(`the webhook was answered ${answer.status}`);
}
