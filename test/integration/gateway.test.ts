import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultPolicy } from '../../controller/policy.ts';
import { scopeId } from '../../controller/scope.ts';
import { eventSchema } from '../../ingest/event.ts';
import { type AppUnderTest, appUnderTest } from '../app-under-test.ts';
import { bookOf, limitsOf, personOf, scopeLimit } from '../permit-books.ts';
import { graphFailure, graphToken, StandInGraph } from '../stand-in-graph.ts';

const number = '106540352242922';
const template = (parts: object = {}) => ({
  messaging_product: 'whatsapp',
  to: '+49 151 1234 5678',
  type: 'template',
  template: { name: 't1', language: { code: 'de' }, components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ada' }] }] },
  ...parts,
});

describe('the gateway', () => {
  let graph: StandInGraph;
  let test: AppUnderTest;
  const control: { book: ReturnType<typeof bookOf> | null } = { book: null };
  let people: Record<string, Parameters<typeof personOf>[1]>;
  let asked: unknown[];

  beforeAll(async () => {
    graph = await new StandInGraph().start();
    test = await appUnderTest({
      control: control as never,
      config: { graphUrl: graph.url, gateway: { tokens: [graphToken], judges: 'people' } },
      warehouse: {
        people: async (contacts) => {
          asked.push(...contacts);
          return contacts.map(({ phone, user_id }, index) =>
            personOf(`${phone ?? user_id}`, { ...people[phone ?? user_id ?? ''], index }),
          );
        },
      },
    });
  });
  beforeEach(async () => {
    // What the platform answered in the test before is in the log by then.
    await setTimeout(40);
    control.book = bookOf({ limits: limitsOf({ as_of: test.clock.ms }) });
    people = {};
    asked = [];
    graph.calls.length = 0;
    graph.instead = null;
    test.log.records.length = 0;
    test.log.broken = false;
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await test.app.close();
    await graph.stop();
  });

  const post = async (payload: object | string, url = `/v23.0/${number}/messages`, headers: Record<string, string> = {}) => {
    const answer = await test.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { authorization: `Bearer ${graphToken}`, 'content-type': 'application/json', ...headers },
    });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
  const events = () => test.log.bodies('event').flatMap((text) => JSON.parse(text) as Record<string, unknown>[]);
  const grants = () =>
    test.log
      .bodies('command')
      .map((text) => JSON.parse(text))
      .filter(({ command }) => command === 'permit.grant')
      .flatMap(({ body }) => body.grants);

  it('forwards a send that has a right, with the token of the sender, and answers what the platform answered', async () => {
    const { status, body } = await post(template());
    expect([status, body.messages]).toEqual([200, [{ id: expect.stringMatching(/^wamid.stand-in-/) }]]);
    expect(graph.calls.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
      ['POST', `/v23.0/${number}/messages`, `Bearer ${graphToken}`],
    ]);
    const [sent] = graph.sent;
    expect(sent).toEqual({ ...template(), biz_opaque_callback_data: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('has the right and the send in the log, so that facts know it, before the platform hears of it', async () => {
    let known: unknown[] = [];
    graph.instead = () => {
      known = [...grants(), ...events()];
      return undefined;
    };
    await post(template(), undefined, { 'x-sluice-campaign': 'autumn', 'x-sluice-segment': 'vip', 'x-sluice-variant': 'b' });
    const [permit, requested] = known as [Record<string, unknown>, Record<string, unknown>];
    const named = { campaign_id: 'autumn', segment_id: 'vip', variant_id: 'b', template_name: 't1', template_language: 'de' };
    expect(permit).toMatchObject({ granted: 1, category: 'marketing', address: { phone_number_id: number, ...named } });
    expect(requested).toMatchObject({
      type: 'message.requested',
      send_id: graph.sent[0]?.['biz_opaque_callback_data'],
      permit_id: permit['permit_id'],
      phone: '+4915112345678',
      phone_number_id: number,
      category: 'marketing',
      message_type: 'template',
      ...named,
    });
    await expect
      .poll(() => events().at(-1))
      .toMatchObject({ type: 'message.accepted', message_id: expect.stringMatching(/^wamid/) });
    for (const event of events()) expect(eventSchema.safeParse(event).success).toBe(true);
  });

  it('reads campaign, segment and send id in biz_opaque_callback_data, and leaves there what the sender put in', async () => {
    const own = { send_id: 'mine-1', campaign_id: 'autumn', segment_id: 'vip', contact_id: 'c-17', order: 5 };
    await post(template({ biz_opaque_callback_data: JSON.stringify(own) }));
    expect(JSON.parse(String(graph.sent[0]?.['biz_opaque_callback_data']))).toEqual(own);
    expect(events()[0]).toMatchObject({ send_id: 'mine-1', campaign_id: 'autumn', segment_id: 'vip', contact_id: 'c-17' });
    expect(asked).toEqual([{ contact_id: 'c-17', phone: '+4915112345678', user_id: null }]);
  });

  it('takes plain callback text for the send id once; where it comes again it stays readable beside an id of its own', async () => {
    for (const n of [1, 2]) {
      await post(template({ to: `+491511234567${n}`, biz_opaque_callback_data: 'newsletter' }));
    }
    const [first, second] = graph.sent.map((sent) => String(sent['biz_opaque_callback_data']));
    expect(first).toBe('newsletter');
    expect(JSON.parse(second ?? '')).toEqual({ send_id: expect.stringMatching(/^[0-9a-f-]{36}$/), data: 'newsletter' });
    const ids = events().flatMap(({ type, send_id }) => (type === 'message.requested' ? [send_id] : []));
    expect(ids).toEqual(['newsletter', JSON.parse(second ?? '').send_id]);
  });

  it.each([
    ['no consent', { consent: null }, 400, 131050],
    ['consent withdrawn', { consent: 'withdrawn' as const }, 400, 131050],
    ['marketing an hour ago', { last_marketing_at: Date.parse('2026-11-21T09:00:00Z') }, 400, 131049],
    ['written to two seconds ago', { last_message_at: Date.parse('2026-11-21T09:59:58Z') }, 429, 131056],
    ['undeliverable twice', { suppressed: true }, 400, 131026],
    ['night there', { country: 'ID', time_zone: 'Pacific/Auckland' }, 429, 131056],
  ])('answers for the person as the platform would: %s', async (_, facts, status, code) => {
    people['+4915112345678'] = facts;
    const answer = await post(template());
    expect(answer.body.error).toMatchObject({
      code,
      type: 'OAuthException',
      message: expect.stringContaining(`(#${code})`),
      error_data: { messaging_product: 'whatsapp', details: expect.stringContaining('Sluice') },
      fbtrace_id: expect.stringMatching(/^sluice-/),
    });
    expect([answer.status, answer.headers['retry-after'] !== undefined]).toEqual([status, status === 429]);
    expect([graph.calls, events()]).toEqual([[], []]);
  });

  it('answers 130429 with the reason and when to come back where a scope has no room, and forwards nothing', async () => {
    const campaign = scopeId('campaign', 'autumn');
    const paused = scopeLimit({ limit: 0, state: 'paused', reason: 'Wrong price.', until: Date.parse('2026-11-21T10:05:00Z') });
    control.book?.setLimits(limitsOf({ as_of: test.clock.ms, scopes: new Map([[campaign, paused]]) }), test.clock.ms);
    const { status, body, headers } = await post(template(), undefined, { 'x-sluice-campaign': 'autumn' });
    expect([status, body.error.code, headers['retry-after']]).toEqual([429, 130429, '300']);
    expect(body.error.error_data.details).toContain('campaign:autumn is paused. Wrong price.');
    expect([graph.calls, events()]).toEqual([[], []]);
    expect((await post(template())).status).toBe(200); // another campaign's
  });

  it('never forwards more than the window, whatever the interleaving', async () => {
    const window = defaultPolicy.window.start;
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, n) => post(template({ to: `+4915112${String(n).padStart(6, '0')}` }))),
    );
    const sent = answers.filter(({ status }) => status === 200).length;
    expect(graph.sent).toHaveLength(sent);
    expect(sent).toBeLessThanOrEqual(250); // the window of the policy that the book goes by
    expect(sent).toBeGreaterThan(window / 10);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.error?.code}`))).toEqual(
      new Set(['200 undefined', '429 130429']),
    );
  });

  it('forwards nothing while the controller is dead, and says that the service is unavailable', async () => {
    control.book = null;
    const { status, body, headers } = await post(template());
    expect([status, body.error.code, body.error.is_transient, headers['retry-after']]).toEqual([503, 131016, true, '5']);
    expect(graph.calls).toEqual([]);
  });

  it('forwards nothing when the log cannot be written', async () => {
    test.log.broken = true;
    expect((await post(template())).body.error.code).toBe(131016);
    expect(graph.calls).toEqual([]);
  });

  it('forwards nothing when the send is in the log but its right is not', async () => {
    const append = test.log.append.bind(test.log);
    vi.spyOn(test.log, 'append').mockImplementation(async (kind, body, at) => {
      if (kind === 'command') throw new Error('disk full');
      return append(kind, body, at);
    });
    expect((await post(template())).status).toBe(503);
    expect([grants(), graph.calls]).toEqual([[], []]);
    expect(control.book?.leaseCount).toBe(0);
  });

  it('forwards nothing when the right came but the send could not be told to the log', async () => {
    const append = test.log.append.bind(test.log);
    vi.spyOn(test.log, 'append').mockImplementation(async (kind, body, at) => {
      if (kind === 'event') throw new Error('disk full');
      return append(kind, body, at);
    });
    expect((await post(template())).status).toBe(503);
    expect([grants().length, graph.calls]).toEqual([1, []]);
  });

  it('records the refusal of the platform and passes it on', async () => {
    graph.instead = () => graphFailure(131048, 'Spam rate limit hit', 429);
    const { status, body } = await post(template());
    expect([status, body.error.code, body.error.fbtrace_id]).toEqual([429, 131048, 'AbCdEfGhIjK']);
    await expect.poll(() => events().at(-1)).toMatchObject({ type: 'message.rejected', error_code: 131048 });
  });

  it('writes what the platform answered by one record with the next send', async () => {
    await post(template({ to: '+4915112345671' }));
    await post(template({ to: '+4915112345672' }));
    await expect.poll(() => events().length).toBe(4);
    const types = test.log.bodies('event').map((text) => (JSON.parse(text) as { type: string }[]).map(({ type }) => type));
    expect(types).toEqual([['message.requested'], ['message.requested', 'message.accepted'], ['message.accepted']]);
  });

  it.each([
    ['held_for_quality_assessment', 'message.held'],
    ['paused', 'message.paused'],
    ['accepted', 'message.accepted'],
  ])('records %s as %s', async (message_status, type) => {
    graph.instead = () => ({ body: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.x', message_status }] } });
    await post(template());
    await expect.poll(() => events().at(-1)?.['type']).toBe(type);
  });

  it('does not try again when the platform does not answer: the message may be out', async () => {
    graph.instead = () => ({ body: null, cut: true });
    const { status, body } = await post(template());
    expect([status, body.error.code, body.error.is_transient]).toEqual([504, 131000, false]);
    expect(graph.calls).toHaveLength(1);
    expect(events().map(({ type }) => type)).toEqual(['message.requested']);
  });

  it('lets read receipts through without a right', async () => {
    const receipt = { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.in', typing_indicator: { type: 'text' } };
    expect((await post(receipt)).body).toEqual({ success: true });
    expect([grants(), graph.calls.length]).toEqual([[], 1]);
    // A send in the dress of a receipt is a send.
    people['+4915112345678'] = { consent: null };
    expect((await post({ ...template(), ...receipt })).body.error.code).toBe(131050);
  });

  it('judges what is forwarded: of a key that stands twice only the one that was judged goes on', async () => {
    const twice = JSON.stringify(template()).replace('"to":', '"to":"+4915119999999","to":');
    await post(twice);
    expect(asked).toMatchObject([{ phone: '+4915112345678' }]);
    expect(graph.calls[0]?.body).not.toContain('4915119999999');
  });

  it.each([
    ['to in the query', `/v23.0/${number}/messages?to=4915119999999`],
    ['a method in the query', `/v23.0/me?method=post`],
    ['a batch', '/v23.0/me?batch=%5B%5D'],
    ['the root', '/v23.0/'],
    ['a sends address with a slash behind', `/v23.0/${number}/messages/`],
    ['a sends address of no number', '/v23.0/me/messages'],
    ['a sends address in disguise', `/v23.0/x%2F..%2F${number}%2Fmessages`],
    ['two slashes', `/v23.0//${number}/messages`],
  ])('passes on nothing that could send without being judged: %s', async (_, url) => {
    people['+4915112345678'] = { consent: null };
    const { status } = await post(template(), url);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(graph.calls).toEqual([]);
  });

  it('judges an address whose letters are encoded like any other', async () => {
    people['+4915112345678'] = { consent: null };
    expect((await post(template(), `/v23.0/${number}/m%65ssages`)).body.error.code).toBe(131050);
    expect(graph.calls).toEqual([]);
  });

  it('passes everything else through as it comes', async () => {
    graph.nodes.set(number, { quality_rating: 'GREEN', status: 'CONNECTED' });
    const headers = { authorization: `Bearer ${graphToken}` };
    const node = await test.app.inject({ url: `/v23.0/${number}?fields=quality_rating`, headers });
    expect(node.json()).toEqual({ id: number, quality_rating: 'GREEN' });
    const upload = await test.app.inject({
      method: 'POST',
      url: `/v23.0/${number}/media`,
      headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
      payload: 'x'.repeat(3_000_000),
    });
    expect(upload.json()).toMatchObject({ bytes: 3_000_000 });
  });

  it('lets nobody in without a token that it knows, and shows it to no log', async () => {
    for (const authorization of ['Bearer another-token-of-somebody', `Basic ${graphToken}`, '']) {
      const { status, body } = await post(template(), undefined, { authorization });
      expect([status, body.error.code]).toEqual([401, 190]);
    }
    expect((await post(template(), `/v23.0/${number}/messages?access_token=${graphToken}`, { authorization: '' })).status).toBe(
      200,
    );
    expect(test.lines.join('\n')).not.toContain(graphToken);
    expect(test.log.records.map(({ body }) => Buffer.from(body).toString()).join('\n')).not.toContain(graphToken);
  });

  it('bounds the body of a send', async () => {
    const { status } = await post(template({ text: { body: 'x'.repeat(1_100_000) } }));
    expect([status, graph.calls]).toEqual([413, []]);
  });
});
