import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CohortRow } from '../../../controller/snapshot.ts';
import { type AppUnderTest, appUnderTest, bearer, tokenOf } from '../../app-under-test.ts';

const text = (html: string) =>
  html
    .replaceAll(/<script[\s\S]*?<\/script>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
/** The cells of the table row that is about a scope, tags taken out. */
const row = (html: string, scope: string): string[] => {
  const found = new RegExp(`<tr data-key="${scope.replaceAll(/[/.*+?^${}()|[\\]\\\\]/g, '\\\\$&')}">([\\s\\S]*?)</tr>`).exec(
    html,
  );
  return [...(found?.[1] ?? '').matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => text(cell).trim());
};
const csrfIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the control room', () => {
  let test: AppUnderTest;
  let cohorts: CohortRow[];
  beforeEach(async () => {
    cohorts = [];
    test = await appUnderTest({
      warehouse: {
        controlSnapshot: async (at) => ({
          as_of: at,
          lag: 0,
          complete_to: at,
          cohorts,
          numbers: [{ phone_number_id: '1', waba_id: null, portfolio_id: 'p', last_feedback_at: at, seen: 200, permitted: 100 }],
          ledgers: [{ portfolio_id: 'p', people: 500, limit: 2000 }],
          words: [],
          used: [],
          policies: [],
          curves: [],
          baselines: null,
          established: null,
        }),
      },
    });
    await put('autumn', '<b>Autumn</b>');
  });
  afterEach(() => test.app.close());

  const put = (id: string, name: string) =>
    test.app.inject({ method: 'PUT', url: `/v1/campaigns/${id}`, payload: { name }, headers: bearer('ops') });
  const logIn = async (role: 'analyst' | 'ops') => {
    const { cookies } = await test.app.inject({ url: '/login', query: { token: tokenOf(role) } });
    return { cookie: `${cookies[0]?.name}=${cookies[0]?.value}` };
  };
  const page = async (role: 'analyst' | 'ops' = 'analyst', url = '/control') =>
    (await test.app.inject({ url, headers: await logIn(role) })).body;
  /** All sent an hour ago on one number; of these so many undeliverable. */
  const sent = (messages: number, undeliverable: number) => {
    cohorts = [
      {
        campaign_id: 'autumn',
        template_name: 'sale',
        segment_id: null,
        variant_id: null,
        market: null,
        phone_number_id: '1',
        category: 'marketing',
        sent_at: test.clock.ms - 3_600_000,
        sent: messages,
        held: 0,
        read: 0,
        replied: 0,
        clicked: 0,
        delivered: messages - undeliverable,
        events: { undeliverable, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 },
      },
    ];
    return test.app.control.tick();
  };

  it('says that it is starting, and that nothing is granted yet', async () => {
    const html = await page();
    expect(text(html)).toContain('The controller is still reading the log: nothing is granted until it has.');
    expect(text(html)).toContain('Nothing was sent yet');
  });

  it('shows of each scope its state in a word, what is out of what may be, the sentence, and the nearest detector', async () => {
    await sent(100, 60);
    const html = await page();
    const [name, state, window, why, nearest] = row(html, 'stream:autumn/sale/-');
    expect(name).toBe('&lt;b>Autumn&lt;/b> · sale · – campaign · template · segment');
    expect(state).toBe('‖ Paused');
    expect(window).toMatch(/^\d+ of 0 out$/);
    expect(why).toMatch(
      /^Paused until 11:00 UTC: 60 of 100 messages could not be delivered \(60\.0%.*until 21 Nov 2026, 11:00 UTC · by the controller$/,
    );
    expect(nearest).toMatch(/of the way to its alarm$/);
    expect(row(html, 'number:1').slice(1, 3).join(' ')).toMatch(/^● Open \d+ out, no bound here at most 80 a second$/);
  });

  it('puts on top what needs a look: sends without a permit', async () => {
    await sent(200, 0);
    const html = await page();
    expect(text(html)).toMatch(/Needs a look ▲ Nothing grows: 200 messages were seen, but rights were given for 100\./);
    expect(html.indexOf('panel-alarms')).toBeLessThan(html.indexOf('panel-scopes'));
  });

  it('shows every detector with its line, and the people of the portfolio', async () => {
    await sent(100, 1);
    const html = await page();
    const group = html.slice(html.indexOf('<table class="detectors"'));
    expect(text(group)).toMatch(/Undeliverable 1 \d+(\.\d)? 100 \d+(\.\d+)? \/ 1\d(\.\d+)?/);
    expect(row(html, 'p')).toEqual(['p', '500', '2,000', '']);
  });

  it('speaks French', async () => {
    await sent(100, 60);
    const html = await page('ops', '/control?lang=fr');
    expect(row(html, 'stream:autumn/sale/-')[1]).toBe('‖ En pause');
    expect(text(html)).toContain('60 messages sur 100 n’ont pas pu être remis');
    expect(text(html)).toContain('Prendre le frein');
  });

  it('names its tables, labels its fields, and carries no script or style of its own', async () => {
    await sent(100, 60);
    const headers = await logIn('ops');
    await post(headers, '/control/overrides', 'scope=campaign%3Aautumn&action=hold&reason=why+not');
    const html = (await test.app.inject({ url: '/control', headers })).body;
    expect(html.match(/<table/g)?.length).toBe(html.match(/<caption/g)?.length);
    const fields = [...html.matchAll(/<(?:input|select)(?![^>]*type="hidden")[^>]*>/g)].map(({ index }) => html.slice(0, index));
    expect(fields.length).toBeGreaterThan(5);
    const labelled = (before: string, field: string) =>
      before.lastIndexOf('<label') > before.lastIndexOf('</label>') || field.includes('aria-label');
    for (const before of fields) expect(labelled(before, html.slice(before.length, html.indexOf('>', before.length)))).toBe(true);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    expect([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id).sort()).toEqual(
      [...new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))].sort(),
    );
  });

  it('offers its content for live updates, and 304 while nothing changed', async () => {
    await sent(100, 60);
    const headers = await logIn('ops');
    const { body } = await test.app.inject({ url: '/control?lang=en', headers });
    const first = await test.app.inject({ url: '/data/control?lang=en', headers });
    expect(body).toContain(JSON.parse(first.body).content);
    const again = await test.app.inject({
      url: '/data/control?lang=en',
      headers: { ...headers, 'if-none-match': String(first.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });

  const post = async (headers: { cookie: string }, url: string, fields: string) => {
    const csrf = csrfIn((await test.app.inject({ url: '/control', headers })).body);
    return test.app.inject({ method: 'POST', url, headers: { ...headers, ...form }, payload: `${fields}&_csrf=${csrf}` });
  };

  it('takes the operator’s word by a form, shows it in force, and takes it back', async () => {
    await test.app.control.tick();
    const headers = await logIn('ops');
    const set = await post(
      headers,
      '/control/overrides',
      'scope=campaign%3Aautumn&action=limit&window=25&per_second=&for_minutes=120&reason=slowly',
    );
    expect([set.statusCode, set.headers.location]).toEqual([303, '/control']);
    const [override] = test.app.control.inForce();
    expect(override).toMatchObject({
      scope: 'campaign:autumn',
      action: 'limit',
      window: 25,
      per_second: null,
      actor: 'ops',
      reason: 'slowly',
      until: test.clock.ms + 120 * 60_000,
    });
    const html = (await test.app.inject({ url: '/control', headers })).body;
    expect(
      row(html, override?.override_id ?? '')
        .slice(0, 3)
        .join(' | '),
    ).toMatch(/^&lt;b>Autumn&lt;\/b> campaign \| Limit May be out: 25 · until 21 Nov 2026, 12:00 UTC \| slowly by ops/);
    expect(row(html, 'campaign:autumn')[2]).toMatch(/of 25 out/);
    const lifted = await post(headers, `/control/overrides/${override?.override_id}/lift`, 'reason=people+are+back');
    expect(lifted.statusCode).toBe(303);
    expect(test.app.control.inForce()).toEqual([]);
  });

  it('shows a form again with what was typed when it was refused, and what to mend', async () => {
    const headers = await logIn('ops');
    const answer = await post(
      headers,
      '/control/overrides',
      'scope=campaign%3Aautum&action=limit&window=25&reason=%3Ci%3Eslowly',
    );
    expect(answer.statusCode).toBe(404);
    expect(text(answer.body)).toContain(
      'It was not set. Nothing is known of this scope: no campaign &quot;autum&quot; is registered',
    );
    expect(answer.body).toContain('value="campaign:autum"');
    expect(answer.body).toContain('value="&lt;i>slowly"');
    expect(answer.body).toMatch(/<option selected value="limit"|<option value="limit" selected/);
    expect(test.app.control.inForce()).toEqual([]);
    const noReason = await post(headers, '/control/overrides', 'scope=campaign%3Aautumn&action=pause&reason=');
    expect([noReason.statusCode, text(noReason.body)]).toEqual([422, expect.stringContaining('reason: is missing')]);
  });

  it('lets only ops and admin, and only their own forms', async () => {
    const analyst = await logIn('analyst');
    const html = await page('analyst');
    expect(text(html)).toContain('Roles ops and admin may pause, resume, limit and hold');
    expect(html).not.toContain('action="/control/overrides"');
    const payload = 'scope=campaign%3Aautumn&action=pause&reason=why+not';
    const csrf = csrfIn(html);
    const asAnalyst = await test.app.inject({
      method: 'POST',
      url: '/control/overrides',
      headers: { ...analyst, ...form },
      payload: `${payload}&_csrf=${csrf}`,
    });
    expect([asAnalyst.statusCode, asAnalyst.json().code]).toEqual([403, 'forbidden']);
    const forged = await test.app.inject({
      method: 'POST',
      url: '/control/overrides',
      headers: { ...(await logIn('ops')), ...form },
      payload: `${payload}&_csrf=x`,
    });
    expect([forged.statusCode, forged.json().code]).toEqual([403, 'csrf_invalid']);
    expect(test.app.control.inForce()).toEqual([]);
  });

  it('the page of a campaign says where its brake stands, with the way to the control room', async () => {
    await sent(100, 60);
    const html = await page('analyst', '/campaigns/autumn');
    expect(text(html)).toMatch(/Brake ‖ Paused Paused until 11:00 UTC: 60 of 100 messages could not be delivered/);
    expect(html).toContain('<a href="/control">');
  });
});
