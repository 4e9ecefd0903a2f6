import { afterEach, describe, expect, it } from 'vitest';
import { commandSchema } from '../../ingest/command.ts';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';

describe('campaigns and the registry', () => {
  let test: AppUnderTest;
  afterEach(() => test.app.close());
  const put = (url: string, payload: unknown, role: 'ingest' | 'ops' = 'ops') =>
    test.app.inject({
      method: 'PUT',
      url,
      payload: JSON.stringify(payload),
      headers: { ...bearer(role), 'content-type': 'application/json' },
    });

  it('a campaign is a command in the log before it is in the answer', async () => {
    test = await appUnderTest();
    const answer = await put('/v1/campaigns/spring%20sale', { name: 'Spring', arms: [{ id: 'a' }, { id: 'b', holdout: true }] });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      campaign_id: 'spring sale',
      name: 'Spring',
      category: 'marketing',
      windows: { reply_hours: 24, optout_hours: 24, conversion_days: 7 },
      arms: [
        { id: 'a', weight: 1, holdout: false },
        { id: 'b', weight: 1, holdout: true },
      ],
    });
    const [command] = test.log.bodies('command').map((text) => commandSchema.parse(JSON.parse(text)));
    expect(command).toMatchObject({ command: 'campaign.put', id: 'spring sale', actor: 'ops', at: '2026-11-21T10:00:00.000Z' });
    // UUIDv7: the first 48 bits are the milliseconds.
    expect(Number.parseInt(command?.command_id.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(test.clock.ms);

    const got = await test.app.inject({ url: '/v1/campaigns/spring%20sale', headers: bearer('analyst') });
    expect(got.json()).toEqual(answer.json());
    const list = await test.app.inject({ url: '/v1/campaigns', headers: bearer('analyst') });
    expect(list.json().campaigns).toHaveLength(1);
  });

  it('that does not exist is not found', async () => {
    test = await appUnderTest();
    const answer = await test.app.inject({ url: '/v1/campaigns/none', headers: bearer('analyst') });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
  });

  it.each([
    [{}, 'name'],
    [{ name: 7 }, 'name'],
    [{ name: 'x', margin: 1.5 }, 'margin'],
    [{ name: 'x', margn: 0.5 }, 'margn'],
    [{ name: 'x', windows: { reply_hour: 3 } }, 'windows.reply_hour'],
    [{ name: 'x', windows: { reply_hours: 0 } }, 'windows.reply_hours'],
    [{ name: 'x', arms: [{ id: 'a' }, { id: 'b', wieght: 2 }] }, 'arms[1].wieght'],
    [{ name: 'x', arms: [{ id: 'a' }, { id: 'a' }] }, 'arms'],
    [{ name: 'x', policy: { window: { start: 0 } } }, 'policy.window.start'],
    [{ name: 'x', policy: { detectors: { opt_out: { accept: 0.1 } } } }, 'policy.detectors.opt_out.reject'],
    [{ name: 'x', policy: { windw: {} } }, 'policy.windw'],
    [[], undefined],
    [null, undefined],
  ])('%j is refused with its field %s', async (body, field) => {
    test = await appUnderTest();
    const json = await put('/v1/campaigns/c', body);
    expect([json.statusCode, json.json().code, json.json().field]).toEqual([422, 'input_invalid', field]);
    expect(test.log.records).toEqual([]);
  });

  it('portfolios, accounts and phone numbers are commands too', async () => {
    test = await appUnderTest();
    const answer = await put(
      '/v1/wabas/102290129340398',
      { name: 'Shop', time_zone: 'Europe/Berlin', currency: 'EUR' },
      'ingest',
    );
    expect(answer.json()).toEqual({
      applied: true,
      id: '102290129340398',
      command: { name: 'Shop', time_zone: 'Europe/Berlin', currency: 'EUR' },
    });
    expect((await put('/v1/portfolios/p', { name: 'All' })).statusCode).toBe(200);
    expect((await put('/v1/phone-numbers/n', { waba_id: '102290129340398' })).statusCode).toBe(200);
    expect(test.log.bodies('command').map((text) => commandSchema.parse(JSON.parse(text)).command)).toEqual([
      'waba.put',
      'portfolio.put',
      'phone_number.put',
    ]);
    const wrong = await put('/v1/wabas/1', { time_zone: 'Mars/Olympus' });
    expect(wrong.json()).toMatchObject({ code: 'input_invalid', field: 'time_zone', detail: expect.stringContaining('IANA') });
  });

  it('an answer does not wait for ever: 202 says that the command is durable and will take effect', async () => {
    const behind = { partition: 'log', applied: '0', end: '1', lag: '1' };
    test = await appUnderTest({ warehouse: { positions: async () => [behind] } });
    const answer = await put('/v1/campaigns/c', { name: 'Slow' });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ applied: false, id: 'c', command: { name: 'Slow' } });
    expect(test.log.records).toHaveLength(1);
  });

  it('a command that cannot be written is refused', async () => {
    test = await appUnderTest();
    test.log.broken = true;
    const answer = await put('/v1/portfolios/p', { name: 'All' });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'log_unavailable']);
  });
});
