import { shopCampaigns } from '../simulator/campaign.ts';
import { encodeWebhook } from '../simulator/client.ts';
import { day, type Emission, type EventBody, type WebhookBody } from '../simulator/emission.ts';
import { mergedBody } from '../simulator/player.ts';
import type { Random } from '../simulator/random.ts';
import { createWorld } from '../simulator/world.ts';
import { type Answer, type Sender, together } from './served.ts';

const startAt = Date.UTC(2026, 9, 20);
const contacts = 150;

/** Something to be told to Sluice: a webhook body as it is, or what the simulated world put on the wire. */
export type Item = { kind: 'raw'; body: Uint8Array } | Emission;
/** One request. */
export type Send = (sender: Sender) => Promise<Answer>;

/** A day of the shop, all its campaigns sent on it. */
export function simulatedDay(): Emission[] {
  const campaigns = shopCampaigns(contacts).map((plan) => {
    const { timing } = plan;
    if (timing.kind === 'waves') return { ...plan, timing: { ...timing, days: [0] } };
    if (timing.kind === 'list') return { ...plan, timing: { ...timing, fromDay: 0.4, size: 60, perHour: 20 } };
    return plan;
  });
  return createWorld({ seed: 7, startAt, contacts, campaigns }).advance(startAt + day);
}

/** Each thing once, in the order in which it happened. */
export function clean(day: readonly Emission[]): Emission[] {
  const once = new Map(day.map((emission) => [JSON.stringify({ ...emission, at: 0 }), emission]));
  return [...once.values()].sort((a, b) => happenedAt(a) - happenedAt(b));
}

/** When it happened, which may be long before it went out. */
function happenedAt(emission: Emission): number {
  if (emission.kind === 'command') return startAt;
  if (emission.kind === 'event') return Date.parse(emission.event.at);
  if (emission.kind !== 'webhook') return emission.at;
  const [, seconds] = /"timestamp":"?(\d+)/.exec(JSON.stringify(emission.body)) ?? [];
  return seconds === undefined ? emission.at : Number(seconds) * 1000;
}

/** Posts of up to `largest` updates or events, in the order given. Raw bodies go as they are, commands alone. */
export function posts(items: readonly Item[], largest: () => number): Send[] {
  const sends: Send[] = [];
  let events: EventBody[] = [];
  let bodies: WebhookBody[] = [];
  const flushEvents = () => {
    const batch = events;
    events = [];
    if (batch.length > 0) sends.push((sender) => sender.events(batch));
  };
  const flushBodies = () => {
    const batch = bodies;
    bodies = [];
    if (batch.length > 0) sends.push((sender) => sender.webhook(encodeWebhook(mergedBody(batch))));
  };
  for (const item of items) {
    if (item.kind === 'raw') sends.push((sender) => sender.webhook(item.body));
    else if (item.kind === 'command') sends.push((sender) => sender.json('PUT', item.path, item.body));
    else if (item.kind === 'event') events.push(item.event);
    else if (item.kind === 'webhook') bodies.push(item.body);
    if (events.length >= largest()) flushEvents();
    if (bodies.length >= largest()) flushBodies();
  }
  flushEvents();
  flushBodies();
  return sends;
}

/** In any order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed: T[] = [];
  for (const item of items) {
    const place = random.int(mixed.length + 1);
    const other = mixed[place];
    if (other === undefined) mixed.push(item);
    else {
      mixed[place] = item;
      mixed.push(other);
    }
  }
  return mixed;
}

/** Sends all of these, some at once, and throws when one is not taken as a whole. */
export async function deliver(sender: Sender, sends: readonly Send[], atOnce = 4): Promise<void> {
  await together(
    sends,
    async (send) => {
      const { status, text } = await send(sender);
      if ((status !== 200 && status !== 202) || text.includes('"code"')) throw new Error(`${status} ${text.slice(0, 500)}`);
    },
    atOnce,
  );
}
