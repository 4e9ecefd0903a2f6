import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FirstPartyEventInput } from '../../ingest/event.ts';
import { answerMetricQuery } from '../../models/answer-metrics.ts';
import { type Catalog, loadCatalog } from '../../models/catalog.ts';
import { loadModels } from '../../models/load.ts';
import type { MetricQuery, MetricRow } from '../../models/metric-query.ts';
import { ModelRunner } from '../../models/runner.ts';
import { projectRoot } from '../../sql/files.ts';
import { memoryWarehouse } from '../warehouse.ts';
import { decoded, messagesChange } from '../webhook-record.ts';

/** The examples of docs/metrics.md, sent through decode, apply and the models; the expected numbers are read from the page. */
const doc = readFileSync(join(projectRoot, 'docs/metrics.md'), 'utf8');

interface Expected {
  metric: string;
  numerator: number;
  denominator: number | null;
  value: number | null;
}

function expectedOf(example: number): Expected[] {
  const table = doc.split(`<!-- example ${example} -->`)[1]?.split('<!-- /')[0] ?? '';
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => {
      const [metric = '', numerator = '', denominator = '', value = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const number = (text: string) => (text === '' ? null : Number(text));
      return { metric, numerator: Number(numerator), denominator: number(denominator), value: number(value) };
    });
}

const march = (day: number, hour: number, minute = 0) => new Date(Date.UTC(2026, 2, day, hour, minute));
const seconds = (at: Date) => String(at.getTime() / 1000);
const phone = (n: number) => `4915100000${String(n).padStart(3, '0')}`;

let eventCount = 0;
/** An event of the sender or of its shop. */
function event(type: string, at: Date, fields: object): object {
  eventCount += 1;
  return { id: `e${eventCount}`, type, at: at.toISOString(), ...fields } satisfies Partial<FirstPartyEventInput> | object;
}
const requested = (n: number, at: Date, campaign: string, person = n) =>
  event('message.requested', at, {
    send_id: `${campaign}-${n}`,
    contact_id: `${campaign}-person-${person}`,
    phone: phone(person),
    phone_number_id: 'pn',
    campaign_id: campaign,
  });
const answered = (step: string, n: number, at: Date, campaign: string, fields: object = {}) =>
  event(`message.${step}`, at, { send_id: `${campaign}-${n}`, message_id: `wamid.${campaign}-${n}`, ...fields });
const status = (name: string, n: number, at: Date, campaign: string, code?: number, person = n) => ({
  id: `wamid.${campaign}-${n}`,
  status: name,
  timestamp: seconds(at),
  recipient_id: phone(person),
  biz_opaque_callback_data: `${campaign}-${n}`,
  ...(code === undefined ? {} : { errors: [{ code, title: 'as the platform says' }] }),
});
const said = (id: string, person: number, at: Date, body: string, context?: string) => ({
  from: phone(person),
  id: `wamid.${id}`,
  timestamp: seconds(at),
  type: 'text',
  text: { body },
  ...(context === undefined ? {} : { context: { id: context } }),
});

/** Example 1: the twelve messages of the table. */
function twelveMessages() {
  const [c, at] = ['spring', march(2, 10)];
  const accepted = [1, 2, 3, 4, 5, 6, 9].map((n) => answered('accepted', n, at, c));
  const sent = [1, 2, 3, 4, 5, 6].map((n) => status('sent', n, march(2, 10, 1), c));
  const events = [
    ...Array.from({ length: 12 }, (_, index) => requested(index + 1, at, c)),
    ...accepted,
    event('message.rejected', at, { send_id: `${c}-7`, error_code: 131026 }),
    event('message.rejected', at, { send_id: `${c}-8`, error_code: 132001 }),
    answered('held', 10, at, c),
    answered('held', 11, at, c),
    event('link.clicked', march(2, 12, 1), { send_id: `${c}-2`, url: 'https://shop.example/spring' }),
    event('link.clicked', march(2, 12, 2), { send_id: `${c}-2`, url: 'https://shop.example/spring' }),
    event('order.completed', march(3, 9), { contact_id: `${c}-person-2`, order_id: 'o-1', amount: '12.50', currency: 'EUR' }),
  ];
  const statuses = [
    ...sent,
    ...[1, 2, 3, 5].map((n) => status('delivered', n, march(2, 10, 2), c)),
    ...[2, 4, 5].map((n) => status('read', n, march(2, 10, 5), c)),
    status('failed', 6, march(2, 10, 2), c, 131026),
    status('failed', 9, march(2, 10, 2), c, 131049),
    status('failed', 11, march(2, 10, 40), c, 132015),
  ];
  const messages = [said('r1', 1, march(2, 11), 'Is it open today?', `wamid.${c}-1`), said('stop', 5, march(2, 10, 22), 'STOP')];
  return { events, statuses, messages };
}

/** Example 2: one person, messages A, B and C. */
function threeMessages() {
  const c = 'summer';
  const sends = [march(2, 10), march(2, 12), march(4, 9)];
  const person = 50;
  return {
    events: [
      ...sends.map((at, index) => requested(index + 1, at, c, person)),
      ...sends.map((at, index) => answered('accepted', index + 1, at, c)),
      event('order.completed', march(4, 10), { contact_id: `${c}-person-50`, order_id: 'o-2', amount: '12.50', currency: 'EUR' }),
      event('order.completed', march(4, 11), { contact_id: `${c}-person-50`, order_id: 'o-3', amount: '7.00', currency: 'EUR' }),
    ],
    statuses: sends.map((at, index) => status('delivered', index + 1, at, c, undefined, person)),
    messages: [
      said('s1', person, march(2, 11), 'Hello?'),
      said('s2', person, march(2, 13), 'Yes please', `wamid.${c}-1`),
      said('s3', person, march(3, 13), 'And tomorrow?'),
      said('s4', person, march(5, 8), 'STOP'),
    ],
  };
}

/** Example 3: requested at 20:00 UTC, which is 01:30 of the next day in Kolkata. */
function lateMessage() {
  const at = march(2, 20);
  return {
    events: [requested(1, at, 'night', 70), answered('accepted', 1, at, 'night')],
    statuses: [status('delivered', 1, at, 'night', undefined, 70)],
    messages: [],
  };
}

describe('the examples of docs/metrics.md', () => {
  let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
  const catalog: Catalog = loadCatalog();
  const ask = async (query: Partial<MetricQuery> & Pick<MetricQuery, 'metrics'>, now = march(31, 0)): Promise<MetricRow[]> => {
    const whole: MetricQuery = { by: [], zone: 'UTC', where: {}, limit: 1000, ...query };
    return (await answerMetricQuery(warehouse.connection, catalog, whole, now)).rows;
  };

  beforeAll(async () => {
    warehouse = await memoryWarehouse();
    let offset = 0n;
    const send = async (kind: 'event' | 'webhook', body: unknown) => {
      const { counts, ...rows } = decoded(body, kind);
      expect(rows.quarantine, JSON.stringify(counts)).toEqual([]);
      offset += 1n;
      await warehouse.apply.commit(rows, new Map([['log', offset]]));
    };
    for (const { events, statuses, messages } of [twelveMessages(), threeMessages(), lateMessage()]) {
      await send('event', events);
      await send('webhook', messagesChange({ statuses, messages }));
    }
    const runner = new ModelRunner(loadModels());
    const results = await runner.build(warehouse.connection, { full: true, now: march(31, 0) });
    expect(results.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });
  afterAll(() => warehouse.close());

  for (const [example, campaign] of [
    [1, 'spring'],
    [2, 'summer'],
  ] as const) {
    it.each(expectedOf(example).map((expected) => [expected.metric, expected] as const))(
      `example ${example}: %s`,
      async (_name, expected) => {
        const [row] = await ask({ metrics: [expected.metric], where: { campaign: [campaign] } });
        const found = row?.metrics[expected.metric];
        expect(found?.numerator).toBe(expected.numerator);
        if (expected.denominator === null) return;
        expect(found?.denominator).toBe(expected.denominator);
        expect(found?.value).toBeCloseTo(expected.value ?? Number.NaN, 4);
      },
    );
  }

  it('gives the interval that the page works out', async () => {
    const [row] = await ask({ metrics: ['delivery_rate'], where: { campaign: ['spring'] } });
    expect(row?.metrics['delivery_rate']?.low).toBeCloseTo(0.267, 3);
    expect(row?.metrics['delivery_rate']?.high).toBeCloseTo(0.811, 3);
  });

  it('example 3: the day depends on the zone', async () => {
    const night = { metrics: ['messages'], grain: 'day', where: { campaign: ['night'] } } as const;
    const [kolkata, ...more] = await ask({
      ...night,
      metrics: ['messages'],
      where: { campaign: ['night'] },
      zone: 'Asia/Kolkata',
    });
    expect(kolkata?.dimensions['time']).toBe('2026-03-02T18:30:00.000Z'); // 3 March 00:00 in Kolkata
    expect(more).toEqual([]);
    const [utc] = await ask({ ...night, metrics: ['messages'], where: { campaign: ['night'] } });
    expect(utc?.dimensions['time']).toBe('2026-03-02T00:00:00.000Z');
  });

  it.each([
    ['read_rate', march(9, 20, 15)],
    ['reply_rate', march(10, 20, 15)],
    ['conversion_rate', march(16, 20, 15)],
  ])('example 3: %s is final when its window and seven days are over', async (metric, from) => {
    const final = async (now: Date) =>
      (await ask({ metrics: [metric], where: { campaign: ['night'] } }, now))[0]?.metrics[metric]?.final;
    expect(await final(new Date(from.getTime() - 1000))).toBe(false);
    expect(await final(from)).toBe(true);
  });
});

describe('docs/metrics.md', () => {
  it('names every metric of the catalogue', () => {
    const named = (name: string) => doc.includes(`\`${name}\``);
    expect([...loadCatalog().metrics.keys()].filter((name) => !named(name))).toEqual([]);
  });
});
