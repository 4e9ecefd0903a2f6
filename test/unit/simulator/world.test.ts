import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { day, type Emission, hour, type WebhookBody } from '../../../simulator/emission.ts';
import { played, smallWorld, startAt } from './worlds.ts';

type Fields = Record<string, unknown>;
const days = 9;
const contacts = 800;
/** In its world people send every kind of message. */
const seed = 4;
const emissions = played(smallWorld({ contacts, seed }), days);
const bodies = emissions.flatMap((emission) => (emission.kind === 'webhook' ? [emission.body] : []));
const events = emissions.flatMap((emission) => (emission.kind === 'event' ? [emission.event] : []));
const changes = bodies.flatMap((body) => body.entry.flatMap((entry) => entry.changes.map((change) => ({ entry, ...change }))));
const listed = (name: string) => changes.flatMap(({ value }) => (value[name] ?? []) as Fields[]);

describe('a world', () => {
  it('is the same to the byte for the same seed, however its time is cut into steps', () => {
    const whole = JSON.stringify(emissions);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }), (steps) => {
        const world = smallWorld({ contacts, seed });
        const pieces: Emission[] = [];
        for (let i = 0; world.now < startAt + days * day; i++) {
          const step = (steps[i % steps.length] ?? 1) * hour;
          pieces.push(...world.advance(Math.min(world.now + step, startAt + days * day)));
        }
        return JSON.stringify(pieces) === whole;
      }),
      { numRuns: 3 },
    );
  });

  it('is another one for another seed', () => {
    const ids = new Set(events.map(({ id }) => id));
    const others = played(smallWorld({ contacts, seed: 2 }), 1).flatMap((emission) =>
      emission.kind === 'event' ? [emission.event.id] : [],
    );
    expect(others.length).toBeGreaterThan(900);
    expect(others.filter((id) => ids.has(id))).toEqual([]);
  });

  it('puts things on the wire in order of time, from its start to just before the end asked for', () => {
    const times = emissions.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBe(startAt);
    expect(times.at(-1)).toBeLessThan(startAt + days * day);
  });

  it('tells of nothing before it happened', () => {
    for (const emission of emissions) {
      if (emission.kind === 'event') expect(Date.parse(emission.event.at)).toBeLessThanOrEqual(emission.at);
    }
    for (const emission of emissions) {
      if (emission.kind !== 'webhook') continue;
      for (const { timestamp } of timed(emission.body)) expect(Number(timestamp) * 1000).toBeLessThanOrEqual(emission.at);
    }
  });

  it('registers portfolio, account, numbers, campaigns and the plan of an experiment before anything else', () => {
    const first = emissions.slice(0, 13);
    expect(first.map((emission) => (emission.kind === 'command' ? emission.path.split('/')[2] : emission.kind))).toEqual([
      'portfolios',
      'wabas',
      ...Array(2).fill('phone-numbers'),
      ...Array(8).fill('campaigns'),
      'experiments',
    ]);
  });

  it('writes each send as the sender and the platform would: a UUIDv7 of its time, echoed in the statuses', () => {
    const requests = events.filter(({ type }) => type === 'message.requested');
    expect(requests.length).toBeGreaterThan(2000);
    for (const { send_id, at } of requests) {
      expect(send_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(String(send_id).replace('-', '').slice(0, 12), 16)).toBe(Date.parse(at));
    }
    const sends = new Set(requests.map(({ send_id }) => send_id));
    const echoed = listed('statuses').map((status) => status['biz_opaque_callback_data']);
    // The request of a very late batch of events may not be out yet.
    expect(echoed.filter((id) => !sends.has(id)).length).toBeLessThan(echoed.length / 500);
  });

  it('gives every message an id of its own', () => {
    const answers = events.filter(({ type }) => type === 'message.accepted');
    const ids = new Map(answers.map(({ send_id, message_id }) => [send_id, message_id]));
    expect(new Set(ids.values()).size).toBe(ids.size);
  });

  it('assigns people to arms before it writes to them', () => {
    const arms = new Map<string, Fields>();
    let variants = 0;
    for (const event of events.toSorted((a, b) => (a.at < b.at ? -1 : 1))) {
      const key = `${event['experiment_id'] ?? event['campaign_id']} ${event['contact_id']}`;
      if (event.type === 'experiment.assigned') arms.set(key, event);
      if (event.type !== 'message.requested' || event['variant_id'] === undefined) continue;
      variants++;
      expect(arms.get(key)).toMatchObject({ arm_id: event['variant_id'], holdout: false });
    }
    expect(variants).toBeGreaterThan(200);
    expect([...arms.values()].some(({ holdout }) => holdout === true)).toBe(true);
  });

  it('keeps numbers of the United States out of its marketing, but for the bought list', () => {
    const toStates = events.filter(
      ({ type, phone, category }) =>
        type === 'message.requested' && category === 'marketing' && /^\+1/.test(String(phone)) && phone !== undefined,
    );
    expect(new Set(toStates.map(({ campaign_id }) => campaign_id))).toEqual(new Set(['partner-leads']));
  });

  it('knows people by phone, by user id alone, and by both', () => {
    const people = events.filter(({ type }) => type === 'contact.upserted');
    const known = (has: (person: Fields) => boolean) => people.filter(has).length;
    expect(known(({ phone, user_id }) => phone !== undefined && user_id === undefined)).toBeGreaterThan(200);
    expect(known(({ phone, user_id }) => phone === undefined && /^[A-Z]{2}\.[0-9]{19}$/.test(String(user_id)))).toBeGreaterThan(
      0,
    );
    expect(known(({ phone, user_id }) => phone !== undefined && user_id !== undefined)).toBeGreaterThan(5);
    const phones = people.flatMap(({ phone }) => (phone === undefined ? [] : [phone]));
    // A copy of an event is the same person again.
    const ids = new Set(people.map(({ contact_id }) => contact_id));
    expect(new Set(phones).size).toBeGreaterThan(ids.size * 0.95);
  });
});

describe('webhooks of a world', () => {
  it('have the documented envelope', () => {
    expect(bodies.length).toBeGreaterThan(2000);
    for (const body of bodies) {
      expect(body.object).toBe('whatsapp_business_account');
      for (const entry of body.entry) {
        expect(entry.id).toBe('102290129340398');
        for (const { field, value } of entry.changes) {
          expect(typeof field).toBe('string');
          if (field !== 'messages' && field !== 'user_preferences') continue;
          expect(entry.time).toBeUndefined();
          expect(value['messaging_product']).toBe('whatsapp');
          expect(value['metadata']).toEqual({
            display_phone_number: expect.stringMatching(/^\+?[0-9 ]+$/),
            phone_number_id: expect.stringMatching(/^[0-9]{15}$/),
          });
        }
      }
    }
  });

  it('have statuses with time as text, price per message and no conversation', () => {
    for (const status of listed('statuses')) {
      expect(['sent', 'delivered', 'read', 'played', 'failed']).toContain(status['status']);
      expect(status['id']).toMatch(/^wamid\./);
      expect(status['timestamp']).toMatch(/^[0-9]{10}$/);
      expect(status['conversation']).toBeUndefined();
      expect(status['recipient_id'] ?? status['recipient_user_id']).toBeTypeOf('string');
      if (status['status'] === 'failed') {
        expect(status['errors']).toEqual([
          {
            code: expect.any(Number),
            title: expect.any(String),
            message: expect.any(String),
            error_data: { details: expect.any(String) },
            href: expect.stringMatching(/^https:/),
          },
        ]);
      }
      if (status['status'] === 'delivered') {
        expect(status['pricing']).toMatchObject({
          pricing_model: 'PMP',
          category: expect.stringMatching(/^(marketing|utility|service)$/),
        });
      }
    }
  });

  it('have inbound messages of every kind that matters', () => {
    const messages = listed('messages');
    for (const message of messages) {
      expect(message['id']).toMatch(/^wamid\./);
      expect(message['timestamp']).toMatch(/^[0-9]{10}$/);
      expect(message['from'] ?? message['from_user_id']).toBeTypeOf('string');
      expect(message[String(message['type'])]).toBeTypeOf('object');
    }
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['text', 'button', 'reaction', 'image', 'audio', 'sticker']),
    );
    const replies = messages.filter(({ type }) => type !== 'reaction' && type !== 'button');
    const named = replies.filter(({ context }) => context !== undefined).length;
    expect(named / replies.length).toBeGreaterThan(0.35);
    expect(named / replies.length).toBeLessThan(0.75);
    expect(messages.some(({ text }) => /^(stop|unsubscribe)$/i.test(String((text as Fields | undefined)?.['body'])))).toBe(true);
  });

  it('have preferences with time as a number, and news of templates, numbers and the account with entry.time', () => {
    for (const preference of listed('user_preferences')) {
      expect(preference).toMatchObject({ category: 'marketing_messages', timestamp: expect.any(Number) });
      expect(['stop', 'resume']).toContain(preference['value']);
    }
    const news = changes.filter(({ field }) => /_update$|^account_alerts$/.test(field));
    expect(new Set(news.map(({ field }) => field))).toEqual(
      new Set([
        'business_capability_update',
        'message_template_status_update',
        'message_template_quality_update',
        'phone_number_quality_update',
        'account_alerts',
      ]),
    );
    for (const { entry, value } of news) {
      expect(entry.time).toBeTypeOf('number');
      if ('message_template_id' in value) expect(Number.isSafeInteger(value['message_template_id'])).toBe(true);
    }
  });

  it('come in copies, in batches, out of order, and seldom very late', () => {
    const texts = listed('statuses').map((status) => JSON.stringify(status));
    const copies = texts.length - new Set(texts).size;
    expect(copies / texts.length).toBeGreaterThan(0.01);
    expect(copies / texts.length).toBeLessThan(0.03);
    expect(bodies.some((body) => timed(body).length > 3)).toBe(true);
    const lateness = emissions.flatMap((emission) =>
      emission.kind === 'webhook' ? timed(emission.body).map(({ timestamp }) => emission.at - Number(timestamp) * 1000) : [],
    );
    const shareOver = (limit: number) => lateness.filter((late) => late > limit).length / lateness.length;
    expect(shareOver(10_000)).toBeGreaterThan(0.03);
    expect(shareOver(10_000)).toBeLessThan(0.12);
    expect(shareOver(hour)).toBeGreaterThan(0.001);
    expect(Math.max(...lateness)).toBeLessThan(9 * day);
  });

  it('carry names beyond ASCII', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the border of ASCII is meant.
    expect(bodies.some((body) => /[^\x00-\x7f]/.test(JSON.stringify(body)))).toBe(true);
  });
});

/** Statuses and messages of a body. */
function timed(body: WebhookBody): Fields[] {
  return body.entry.flatMap((entry) =>
    entry.changes.flatMap(({ value }) => [
      ...((value['statuses'] ?? []) as Fields[]),
      ...((value['messages'] ?? []) as Fields[]),
    ]),
  );
}
