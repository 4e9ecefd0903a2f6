import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertBook } from '../../../api/notify/alert.ts';
import { scopeNotice } from '../../../api/notify/control-notice.ts';
import { belowDelivery } from '../../../api/notify/delivery-warning.ts';
import { effectOf } from '../../../api/notify/effect.ts';
import { Notifier } from '../../../api/notify/notifier.ts';
import { secretBytes, signedHeaders } from '../../../api/notify/standard-webhook.ts';
import type { Decision } from '../../../controller/decision.ts';
import type { CohortRow } from '../../../controller/snapshot.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const bytes = secretBytes(secret) ?? new Uint8Array();
const at = Date.parse('2026-11-21T10:00:00Z');

/** A decision as far as notices look at it. */
const decision = (parts: {
  seq: number;
  mode?: string;
  limit?: number | null;
  rule?: string;
  code?: string;
  scope?: string;
}): Decision =>
  ({
    decision_id: `d${parts.seq}`,
    seq: parts.seq,
    scope: parts.scope ?? 'campaign:autumn',
    at: at + parts.seq * 1000,
    policy_mode: 'enforce',
    policy_hash: 'h',
    rule: parts.rule ?? 'alarm',
    limit: parts.limit === undefined ? 0 : parts.limit,
    per_second: null,
    reason: { code: parts.code ?? 'waiting', numbers: {} },
    until: null,
    owner: parts.rule === 'operator_stop' ? 'ops' : 'controller',
    next: { mode: parts.mode ?? 'paused' },
  }) as unknown as Decision;

describe('the signature of a webhook', () => {
  it('is that of the example of the Standard Webhooks specification', () => {
    const headers = signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}', [bytes]);
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('stands once for each secret while one takes the place of the other', () => {
    const signatures = signedHeaders('a', at, 'b', [bytes, Buffer.alloc(32, 1)])['webhook-signature']?.split(' ') ?? [];
    expect(signatures).toHaveLength(2);
    expect(new Set(signatures).size).toBe(2);
  });

  it.each(['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_short', 'whsec_!!!', ''])('takes no secret such as "%s"', (text) =>
    expect(secretBytes(text)).toBeNull(),
  );
});

describe('control webhooks', () => {
  let got: { headers: IncomingHttpHeaders; body: string }[];
  let answers: number[];
  let notifier: Notifier;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });

  beforeEach(async () => {
    got = [];
    answers = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let ids = 0;
    notifier = new Notifier({
      config: { urls: [`${url}/hook`], secrets: [bytes], alertUrls: [] },
      now: () => new Date(at),
      random: () => 0,
      newId: () => `snapshot-${++ids}`,
      report: () => undefined,
      waits: [150, 150, 150],
    });
  });
  afterEach(async () => {
    await notifier.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const told = () => got.map(({ body }) => JSON.parse(body).data.state);

  it('tell a change once, signed over the bytes, with what to do and why', async () => {
    notifier.tell(decision({ seq: 1 }));
    notifier.tell(decision({ seq: 2 })); // still paused
    await expect.poll(() => notifier.open).toBe(0);
    expect(got).toHaveLength(1);
    const { headers, body } = got[0] ?? { headers: {}, body: '' };
    const { 'webhook-id': id = '', 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
    expect(signedHeaders(String(id), Number(timestamp) * 1000, body, [bytes])['webhook-signature']).toBe(signature);
    expect(JSON.parse(body)).toMatchObject({
      type: 'control.state_changed',
      data: { scope: 'campaign:autumn', state: 'paused', may_send: false, decision_id: 'd1', owner: 'controller' },
    });
  });

  it('come again under the same id until they are acknowledged', async () => {
    answers = [500, 503];
    notifier.tell(decision({ seq: 1 }));
    await expect.poll(() => notifier.open).toBe(0);
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual(['d1', 'd1', 'd1']);
    expect(notifier.views([])[0]).toMatchObject({ id: 'd1', attempts: 3, acknowledged_at: at, dropped: null });
  });

  it('bring the newest state only: what was overtaken while it waited is dropped', async () => {
    answers = [500];
    notifier.tell(decision({ seq: 1 }));
    await expect.poll(() => got.length).toBe(1);
    notifier.tell(decision({ seq: 2, mode: 'probing', limit: 20, rule: 'recovery' }));
    notifier.tell(decision({ seq: 3, mode: 'open', limit: 150, rule: 'steady' }));
    await expect.poll(() => notifier.open).toBe(0);
    expect(told().at(-1)).toBe('open');
    expect(notifier.views([]).map(({ id, dropped }) => [id, dropped])).toEqual([
      ['d3', null],
      ['d2', 'superseded'],
      ['d1', 'superseded'],
    ]);
  });

  it('say nothing of growth, and nothing of a scope that begins open', async () => {
    notifier.tell(decision({ seq: 1, mode: 'open', limit: 150, rule: 'growth' }));
    notifier.tell(decision({ seq: 2, mode: 'open', limit: 300, rule: 'growth' }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(got).toEqual([]);
  });

  it('end for good where the receiver answers 410', async () => {
    answers = [410];
    notifier.tell(decision({ seq: 1 }));
    await expect.poll(() => notifier.open).toBe(0);
    notifier.tell(decision({ seq: 2, mode: 'open', limit: 150, rule: 'steady' }));
    await expect.poll(() => notifier.open).toBe(0);
    expect(got).toHaveLength(1);
    expect(notifier.views([]).map(({ dropped }) => dropped)).toEqual(['gone', 'gone']);
  });

  it('tell after a restart what is braked, whole, so that a receiver can mend what it missed', async () => {
    notifier.begin([
      decision({ seq: 7 }),
      decision({ seq: 8, scope: 'campaign:fine', mode: 'open', limit: 150, rule: 'steady' }),
    ]);
    await expect.poll(() => got.length).toBe(1);
    const { type, data } = JSON.parse(got[0]?.body ?? '');
    expect([type, data.scopes.map(({ scope, state }: { scope: string; state: string }) => [scope, state])]).toEqual([
      'control.snapshot',
      [['campaign:autumn', 'paused']],
    ]);
  });
});

describe('the effect of a stop', () => {
  const minute = 60_000;
  const sent = (minutes: number, parts: Partial<CohortRow> = {}): CohortRow =>
    ({
      campaign_id: 'autumn',
      template_name: 't',
      segment_id: null,
      sent_at: at + minutes * minute,
      sent: 5,
      ...parts,
    }) as CohortRow;

  it('is the time until the last minute with sends is over', () => {
    // Sends in the minutes that begin 1 and 2 minutes after the stop, none since: it went on for 3 minutes.
    const rows = [sent(-1), sent(1), sent(2), sent(2, { campaign_id: 'other', sent_at: at + 9 * minute })];
    expect(effectOf('campaign:autumn', at, rows, at + 10 * minute)).toEqual({
      last_send_at: at + 2 * minute,
      stopped_after_ms: 3 * minute,
    });
  });

  it('is not known while it sends, or in the first minutes', () => {
    expect(effectOf('campaign:autumn', at, [sent(8)], at + 10 * minute).stopped_after_ms).toBeNull();
    expect(effectOf('campaign:autumn', at, [], at + minute).stopped_after_ms).toBeNull();
  });

  it('is nothing where nothing was sent after the stop', () => {
    const effect = effectOf('stream:autumn/t/-', at, [sent(-1)], at + 5 * minute);
    expect(effect).toEqual({ last_send_at: null, stopped_after_ms: 0 });
  });
});

describe('the warning of low delivery', () => {
  const hour = 3_600_000;
  const row = (hours: number, sent: number, delivered: number, campaign_id = 'autumn') =>
    ({ campaign_id, sent_at: at - hours * hour, sent, delivered }) as CohortRow;

  it('counts messages old enough to be there, and enough of them', () => {
    // 180 + 180 of 200 + 200 are 90 %; the young ones are not late yet.
    expect(belowDelivery([row(2, 200, 180), row(3, 200, 180), row(0.5, 1000, 0)], 0.92, at)).toEqual([
      { campaign_id: 'autumn', sent: 400, delivered: 360 },
    ]);
    expect(belowDelivery([row(2, 199, 0), row(2, 400, 372, 'fine')], 0.92, at)).toEqual([]); // too few; 93 %
  });
});

describe('alerts', () => {
  it('say what, why and where to look, once an hour each, and when it is over', () => {
    const book = new AlertBook();
    const paused = scopeNotice(decision({ seq: 1, scope: 'campaign:a<b' }));
    const first = book.textOf(paused, at);
    expect(first).toContain('`campaign:a%3Cb`'.replace('%3C', '&lt;'));
    expect(first).toContain('sluice explain');
    expect(book.textOf(paused, at + 59 * 60_000)).toBeNull();
    expect(book.textOf(paused, at + 60 * 60_000)).toContain('paused');
    const open = scopeNotice(decision({ seq: 2, scope: 'campaign:a<b', mode: 'open', limit: 150, rule: 'steady' }));
    expect(book.textOf(open, at)).toContain('open again');
    expect(book.textOf(open, at)).toBeNull();
  });

  it('do not tell people what one of them did', () => {
    expect(new AlertBook().textOf(scopeNotice(decision({ seq: 1, rule: 'operator_stop' })), at)).toBeNull();
  });
});
