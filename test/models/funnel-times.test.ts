import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['funnel_15m', 'failure_15m', 'message_expiry', 'waba_portfolio', 'feedback_share'] });

const at = (clock: string) => `2026-11-02 ${clock}`;

describe('a message without an end', () => {
  const open = (more: Facts = {}) => ({
    requested_at: at('10:00:00'),
    accepted_at: at('10:00:01'),
    campaign_id: 'spring',
    ...more,
  });
  const expired = async (now: string) => {
    await models.get().build(false, new Date(now));
    // What is found to have expired is counted by the build that follows.
    await models.get().build(false, new Date(now));
    const [row] = await models.get().rows('SELECT sum(expired)::INT AS expired FROM funnel_15m');
    return row?.expired;
  };

  it.each([
    ['30 days', {}, '2026-12-02T11:00:00Z'],
    ['10 minutes for authentication', { category: 'authentication' }, '2026-11-02T11:10:00Z'],
    ['what the request said', { expires_at: at('22:00:00') }, '2026-11-02T23:00:00Z'],
  ])('expires an hour after its time to live: %s', async (_, more, from) => {
    await models.get().message('m1', open(more));
    await models.get().built(true);
    await models.get().build(true, new Date('2026-11-02T10:30:00Z'));
    expect(await expired(new Date(Date.parse(from) - 1000).toISOString())).toBe(0);
    expect(await expired(from)).toBe(1);
  });

  it('does not expire when it was delivered, failed, is held, or never went out', async () => {
    await models.get().message('m1', open({ delivered_at: at('10:00:05') }));
    await models.get().message('m2', open({ failed_at: at('10:00:05'), refused: false, error_code: 131026 }));
    await models.get().message('m3', { requested_at: at('10:00:00'), held_at: at('10:00:01') });
    await models.get().message('m4', { requested_at: at('10:00:00') });
    await models.get().build(true, new Date('2027-03-01T00:00:00Z'));
    expect(await expired('2027-03-01T00:00:00Z')).toBe(0);
  });
});

describe('time in each state', () => {
  it('is a mean over the messages whose two ends are known', async () => {
    const asked = { requested_at: at('10:00:00'), campaign_id: 'spring' };
    // Out after 2 s, sent at 4 s, delivered at 10 s (6 s on the way), read at 70 s (60 s unread), reply at 130 s (120 s).
    await models.get().message('m1', {
      ...asked,
      accepted_at: at('10:00:02'),
      sent_at: at('10:00:04'),
      delivered_at: at('10:00:10'),
      read_at: at('10:01:10'),
      replied_at: at('10:02:10'),
    });
    // Held, out after 20 minutes; delivered 14 s after sent.
    await models.get().message('m2', {
      ...asked,
      held_at: at('10:00:01'),
      accepted_at: at('10:20:00'),
      sent_at: at('10:20:00'),
      delivered_at: at('10:20:14'),
    });
    // Known by a delivery alone: no start.
    await models.get().message('m3', { delivered_at: at('10:05:00'), campaign_id: 'spring' });
    await models.get().built(true);
    const metrics = ['time_to_send', 'time_held', 'time_to_deliver', 'time_to_read', 'time_to_reply'];
    const { rows } = await models.get().ask({ metrics });
    const found = metrics.map((name) => {
      const { value, numerator, denominator, low } = rows[0]?.metrics[name] ?? {};
      return [name, numerator, denominator, value, low];
    });
    expect(found).toEqual([
      ['time_to_send', 1202, 2, 601, null],
      ['time_held', 1200, 1, 1200, null],
      ['time_to_deliver', 20, 2, 10, null],
      ['time_to_read', 60, 1, 60, null],
      ['time_to_reply', 120, 1, 120, null],
    ]);
  });
});

describe('hour and day of the week', () => {
  it('are cut in the zone of the reader, and rates are over what was sent in that hour', async () => {
    // Monday 2 November, 10:15 UTC is 15:45 in Kolkata; 20:15 UTC is Tuesday 01:45 there.
    await models.get().message('m1', { sent_at: at('10:15:00'), delivered_at: at('10:15:00'), read_at: at('20:15:00') });
    await models.get().message('m2', { sent_at: at('20:15:00'), delivered_at: at('20:15:00') });
    await models.get().built(true);
    const cut = async (by: string, zone: string, where = {}) => {
      const { rows } = await models.get().ask({ metrics: ['read_rate'], by: [by], zone, where });
      return rows.map(({ dimensions, metrics }) => [dimensions[by], metrics['read_rate']?.value]);
    };
    // The read at 20:15 counts for the hour in which its message was sent.
    expect(await cut('hour', 'UTC')).toEqual([
      ['10', 1],
      ['20', 0],
    ]);
    expect(await cut('hour_of_week', 'Asia/Kolkata')).toEqual([
      ['1-15', 1],
      ['2-01', 0],
    ]);
    expect(await cut('weekday', 'Asia/Kolkata', { weekday: ['2'] })).toEqual([['2', 0]]);
  });
});

describe('the mix of failures', () => {
  it('is known by class for each campaign, template and market', async () => {
    const failed = (error_code: number, template_name: string, country: string) => ({
      ...{ requested_at: at('10:00:00'), failed_at: at('10:00:09'), refused: false, campaign_id: 'spring' },
      ...{ error_code, template_name, country },
    });
    await models.get().message('m1', failed(131026, 'hello', 'IN'));
    await models.get().message('m2', failed(131026, 'hello', 'IN'));
    await models.get().message('m3', failed(131049, 'sale', 'DE'));
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['failures'], by: ['template', 'market', 'error_class'] });
    expect(rows.map(({ dimensions, metrics }) => [...Object.values(dimensions), metrics['failures']?.value])).toEqual([
      ['hello', 'India', 'recipient', 2],
      ['sale', 'Germany', 'platform_block', 1],
    ]);
  });
});
