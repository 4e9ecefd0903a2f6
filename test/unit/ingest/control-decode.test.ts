import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../ingest/decode.ts';
import { type Decoded, emptyDecoded } from '../../../ingest/staged.ts';

const at = '2026-11-20T12:00:00.000Z';
const millis = Date.parse(at);
const micros = BigInt(millis) * 1000n;

/** What one command becomes. */
function of(command: string, id: string, body: unknown): Decoded {
  const into = emptyDecoded();
  const text = JSON.stringify({ command_id: 'c-1', at, actor: 'ops', command, id, body });
  decodeRecord({ partition: 'p', offset: 0n, kind: 'command', receivedAt: micros, body: Buffer.from(text) }, into);
  return into;
}

const evidence = { watermark: millis - 5, cohorts: [{ day: '2026-11-20', sent: 3 }] };
const decision = {
  ...{
    decision_id: 'd-1',
    seq: 7,
    scope: 'campaign:a',
    at: millis - 10,
    policy_mode: 'enforce',
    policy_hash: 'h',
    rule: 'alarm',
  },
  ...{ limit: 125.5, per_second: null, reason: { code: 'undeliverable', numbers: { rate: 0.2 } }, until: millis + 60_000 },
  ...{ owner: 'controller', evidence },
};
const address = {
  ...{ portfolio_id: null, waba_id: 'w', phone_number_id: 'n', template_name: 't', template_language: null, campaign_id: 'a' },
  ...{ variant_id: null, segment_id: 's', market: 'FR' },
};
const grant = {
  ...{ permit_id: 'p-1', request_id: 'r-1', address, category: 'marketing', granted: 2, people: ['cA', 'pB'], at: millis },
  ...{ expires_at: millis + 60_000, shadow: false, answer: { permit_id: 'p-1', granted: 2, denied: [] } },
};

describe('commands of the controller', () => {
  it('a decision keeps all that it saw, in one text whatever the order of its keys', () => {
    const { control_decision } = of('control.decision', 'campaign:a', decision);
    expect(control_decision).toEqual([
      {
        ...{ decision_id: 'd-1', seq: 7n, scope: 'campaign:a', decided_at: micros - 10_000n, policy_mode: 'enforce' },
        ...{ policy_hash: 'h', rule: 'alarm', window_limit: 125.5, per_second: null, reason_code: 'undeliverable' },
        ...{ until_at: micros + 60_000_000n, owner: 'controller', document: expect.any(String) },
      },
    ]);
    expect(JSON.parse(control_decision[0]?.document ?? '')).toEqual(decision);
    const reversed = Object.fromEntries(Object.entries(decision).reverse());
    expect(of('control.decision', 'campaign:a', reversed).control_decision).toEqual(control_decision);
  });

  it('a policy', () => {
    expect(of('control.policy', 'h', { policy: { b: 1, a: 2 } }).control_policy).toEqual([
      { command_id: 'c-1', policy_hash: 'h', given_at: micros, actor: 'ops', document: '{"a":2,"b":1}' },
    ]);
  });

  it('an override and its end', () => {
    const body = { scope: 'campaign:a', action: 'limit', window: 50, per_second: null, reason: 'complaints', until: null };
    expect(of('control.override', 'o-1', body).control_override).toEqual([
      {
        ...{ override_id: 'o-1', given_at: micros, command_id: 'c-1', scope: 'campaign:a', action: 'limit', window_limit: 50 },
        ...{ per_second: null, reason: 'complaints', actor: 'ops', until_at: null },
      },
    ]);
    expect(of('control.lift', 'o-1', { reason: 'mended' }).control_lift).toEqual([
      { override_id: 'o-1', lifted_at: micros, command_id: 'c-1', actor: 'ops', reason: 'mended' },
    ]);
  });

  it('many grants in one record, each with its people', () => {
    const count = { ...grant, permit_id: 'p-2', people: [] };
    const { permit, permit_person } = of('permit.grant', 'p-1', { grants: [grant, count] });
    expect(permit.map(({ permit_id, people }) => [permit_id, people])).toEqual([
      ['p-1', 2n],
      ['p-2', 0n],
    ]);
    const { market: _, ...nowhere } = address;
    const [from] = of('permit.grant', 'p-1', { grants: [{ ...grant, address: nowhere }] }).permit;
    expect(from?.market).toBeNull();
    expect(permit[0]).toEqual({
      ...{ ...address, permit_id: 'p-1', granted_at: micros, request_id: 'r-1', expires_at: micros + 60_000_000n },
      ...{ category: 'marketing', granted: 2n, is_shadow: false, people: 2n, answer: JSON.stringify(grant.answer) },
    });
    expect(permit_person).toEqual([
      { permit_id: 'p-1', person: 'cA', granted_at: micros },
      { permit_id: 'p-1', person: 'pB', granted_at: micros },
    ]);
  });

  it('rights that come back', () => {
    expect(of('permit.return', 'p-1', { count: 3 }).permit_return).toEqual([
      { command_id: 'c-1', permit_id: 'p-1', count: 3n, returned_at: micros },
    ]);
  });

  it('a portfolio with its messaging limit, and one without', () => {
    expect(of('portfolio.put', 'p', { messaging_limit: 2000 }).registry[0]?.messaging_limit).toBe(2000n);
    expect(of('portfolio.put', 'p', {}).registry[0]?.messaging_limit).toBeNull();
  });

  it.each([
    ['control.decision', { ...decision, seq: 0 }, 'body.seq'],
    ['control.decision', { ...decision, at: 7 }, 'body.at'],
    ['control.override', { scope: 'campaign:a', action: 'explode' }, 'body.action'],
    ['permit.grant', { grants: [{ ...grant, granted: -1 }] }, 'body.grants.0.granted'],
    ['permit.return', { count: 0 }, 'body.count'],
  ])('%s that does not fit is set aside and says where', (command, body, place) => {
    const { quarantine, ...rest } = of(command, 'x', body);
    expect(quarantine.map(({ reason, detail }) => [reason, detail.startsWith(place)])).toEqual([['command_invalid', true]]);
    expect(Object.values(rest).every((rows) => rows.length === 0)).toBe(true);
  });
});
