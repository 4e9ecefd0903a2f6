import { describe, expect, it } from 'vitest';
import type { MetricValue } from '../../models/metric-query.ts';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['funnel_15m', 'feedback_share'] });
const noon = new Date('2026-11-21T12:00:00Z');

let count = 0;
async function sent(at: string, more: Facts = {}): Promise<void> {
  count += 1;
  await models.get().message(`young-${count}`, { sent_at: at, delivered_at: at, category: 'marketing', ...more });
}

/** 950 messages of one minute, delivered at once: 380 read after 20 minutes (40 %), 570 after 50. */
async function history(at: string): Promise<void> {
  await models.get().connection.exec(`
    INSERT INTO fact_message (message_key, origin_known, opened_at, message_at, sent_at, delivered_at, read_at, category)
    SELECT 'old-' || n, true, t, t, t, t, t + CASE WHEN n < 380 THEN INTERVAL 20 MINUTE ELSE INTERVAL 50 MINUTE END, 'marketing'
    FROM (SELECT n, TIMESTAMP '${at}' AS t FROM range(950) AS r(n))`);
}

async function ask(metric: string, now = noon, from?: string): Promise<MetricValue> {
  const range = from === undefined ? {} : { from: new Date(from) };
  const { rows } = await models.get().ask({ metrics: [metric], ...range }, now);
  const value = rows[0]?.metrics[metric];
  if (value === undefined) throw new Error('no row');
  return value;
}

describe('before anything was learned, a rate', () => {
  // Began between 11:00 and 11:15, so 45 to 60 minutes old at noon. From delay_default, by straight lines:
  // read: F(30) = 0.3864, F(60) = 0.55, so F(45) = 0.4682 and the mean of 45 to 60 is (0.4682 + 0.55) / 2 = 0.5091;
  // delivered: F(30) = 0.8345, F(60) = 0.9, F(45) = 0.86725, mean 0.883625. Of the read rate 0.5091 / 0.883625 = 0.57615 is seen.
  const seen = 0.57615;

  it('counts young messages by the share of the built-in curves that is due', async () => {
    for (let n = 0; n < 4; n += 1) await sent('2026-11-21 11:05:00', n === 0 ? { read_at: '2026-11-21 11:20:00' } : {});
    await models.get().built(true);
    const rate = await ask('read_rate');
    expect(rate).toMatchObject({ value: 0.25, numerator: 1, denominator: 4, final: false });
    expect(rate.maturity).toBeCloseTo(seen, 4);
    expect(rate.adjusted?.value).toBeCloseTo(0.25 / 0.57615, 4); // 0.4339
    // Wilson of 1 in 4: middle (0.25 + 0.48018) / 1.96036 = 0.37247, half width 1.95996 · √(0.046875 + 0.060023) / 1.96036 = 0.32689.
    expect(rate.adjusted?.low).toBeCloseTo(0.04558 / 0.57615, 3);
    expect(rate.adjusted?.high).toBe(1); // 0.69936 / 0.57615 is above 1
  });

  it('weighs young and old messages by their number', async () => {
    for (let n = 0; n < 4; n += 1) await sent('2026-11-21 11:05:00');
    for (let n = 0; n < 6; n += 1) await sent('2026-10-01 11:05:00'); // too old to be learned from
    await models.get().built(true);
    expect((await ask('read_rate')).maturity).toBeCloseTo((4 * seen + 6) / 10, 4);
  });

  it('of old messages is what it is', async () => {
    for (let n = 0; n < 4; n += 1) await sent('2026-11-01 11:05:00', n === 0 ? { read_at: '2026-11-01 11:20:00' } : {});
    await models.get().built(true);
    const { value, low, high, adjusted, maturity, final } = await ask('read_rate');
    expect({ maturity, adjusted, final }).toEqual({ maturity: 1, adjusted: { value, low, high }, final: true });
  });

  it('says nothing of what it heads for while nothing is due', async () => {
    await sent('2026-11-21 12:00:00');
    await models.get().built(true);
    expect(await ask('read_rate')).toMatchObject({ value: 0, adjusted: null, maturity: 0, final: false });
  });

  it('has no maturity without messages, and a count has none at all', async () => {
    await models.get().built(true);
    expect(await ask('read_rate')).toMatchObject({ value: null, adjusted: null, maturity: null });
    expect(await ask('messages')).toMatchObject({ value: 0, adjusted: null, maturity: null });
  });
});

describe('with history, a rate', () => {
  // Of 950 reads 40 % are there by 30 minutes and all by 60. Leaning on what stands behind with 50 events each:
  // at 30: all 0.95 · 0.4 + 0.05 · 0.3864 = 0.39932, category 0.38 + 0.05 · 0.39932 = 0.399966, hour 0.38 + 0.05 · 0.399966 = 0.399998;
  // at 60: all 0.95 + 0.05 · 0.55 = 0.9775, category 0.95 + 0.05 · 0.9775 = 0.998875, hour 0.999944.
  // Delivered at once: at 30 all 0.991725, category 0.999586, hour 0.999979; at 60 all 0.995, category 0.99975, hour 0.999988.
  const read = async (at: string, asOf: Date) => {
    await history('2026-11-10 11:00:00');
    await sent(at);
    await models.get().build(true, asOf);
    return ask('read_rate', asOf, '2026-11-20');
  };

  it('counts young messages by the curve of their category and hour', async () => {
    // 45 to 60 minutes: F(45) = 0.699971, mean (0.699971 + 0.999944) / 2 = 0.849958; delivered (0.999984 + 0.999988) / 2 = 0.999986.
    expect((await read('2026-11-21 11:05:00', noon)).maturity).toBeCloseTo(0.849958 / 0.999986, 4);
  });

  it('in an hour of which nothing is known leans on its category', async () => {
    // F(45) = (0.399966 + 0.998875) / 2 = 0.699421, mean 0.849148; delivered F(45) = 0.999668, mean 0.999709.
    const rate = await read('2026-11-21 03:05:00', new Date('2026-11-21T04:00:00Z'));
    expect(rate.maturity).toBeCloseTo(0.849148 / 0.999709, 4);
  });

  it('heads for what it becomes: the raw value grows into the adjusted one', async () => {
    await history('2026-11-10 11:00:00');
    // 40 messages, one every 22.5 seconds from 11:00; half of them are read, after 20 or 50 minutes as before.
    const at = (n: number, minutes: number) =>
      new Date(Date.UTC(2026, 10, 21, 11, minutes, 22.5 * n)).toISOString().replace('T', ' ').slice(0, 19);
    const readers = Array.from({ length: 40 }, (_, n) => ({ n, after: n % 2 === 0 ? (n % 5 < 2 ? 20 : 50) : null }));
    for (const { n } of readers) await sent(at(n, 0), { campaign_id: 'young', message_id: `young ${n}` });
    const arrive = async (until: string) => {
      for (const { n, after } of readers)
        if (after !== null && at(n, after) <= until)
          await models
            .get()
            .connection.run('UPDATE fact_message SET read_at = $1::TIMESTAMP WHERE message_id = $2', [
              at(n, after),
              `young ${n}`,
            ]);
    };
    await arrive('2026-11-21 11:40:00');
    const asOf = new Date('2026-11-21T11:40:00Z');
    await models.get().build(true, asOf);
    const young = await ask('read_rate', asOf, '2026-11-20');
    await arrive('2026-11-22');
    await models.get().build(true, new Date('2026-12-01T00:00:00Z'));
    const old = await ask('read_rate', new Date('2026-12-01T00:00:00Z'), '2026-11-20');
    expect(old).toMatchObject({ value: 0.5, maturity: 1, final: true });
    // After 25 to 40 minutes 40 % of those who will read should have read: F is a straight line from 0.4 at 30 minutes on, so a little more.
    expect(young.value).toBe(0.2);
    expect(young.adjusted?.value).toBeGreaterThan(0.4);
    expect(young.adjusted?.value).toBeLessThan(0.55);
    expect(young.adjusted?.low).toBeLessThan(0.5);
    expect(young.adjusted?.high).toBeGreaterThan(0.5);
  });
});

describe('late statuses', () => {
  it('restate the quarter hour in which the message began', async () => {
    await sent('2026-11-15 11:05:00', { message_id: 'late', campaign_id: 'a' });
    await models.get().built(true);
    expect(await ask('read_rate')).toMatchObject({ value: 0, final: false });
    await models.get().connection.exec(`
      UPDATE fact_message SET read_at = TIMESTAMP '2026-11-21 11:00:00' WHERE message_id = 'late';
      INSERT INTO changed_message (bucket_at, campaign_id) VALUES (TIMESTAMP '2026-11-15 11:00:00', 'a')`);
    await models.get().built();
    expect(await ask('read_rate')).toMatchObject({ value: 1, final: false });
    expect(await ask('read_rate', new Date('2026-11-22T11:15:00Z'))).toMatchObject({ value: 1, final: true });
  });
});

describe('without delay curves', () => {
  it('a rate has no maturity, and everything else', async () => {
    await sent('2026-11-21 11:05:00');
    await models.get().built(true);
    await models.get().connection.exec("DELETE FROM model_state WHERE model = 'feedback_share'");
    expect(await ask('read_rate')).toMatchObject({ value: 0, denominator: 1, adjusted: null, maturity: null });
  });
});

describe('the curves', () => {
  it('reach all by their last age, for every step', async () => {
    await history('2026-11-10 11:00:00');
    await models.get().built(true);
    const rows = await models.get().rows(`
      SELECT count(*) FILTER (WHERE category = '*') AS over_all, count(*) FILTER (WHERE hour = 11) AS of_the_hour, min(share) AS share
      FROM delay_curve WHERE minutes = (SELECT max(minutes) FROM delay_default)`);
    // Of the hour there are those of what was seen: attempted, delivered, read.
    expect(rows).toEqual([{ over_all: 9n, of_the_hour: 3n, share: 1 }]);
  });
});
