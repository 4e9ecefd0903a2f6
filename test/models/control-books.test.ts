import { describe, expect, it } from 'vitest';
import { controlBooks, decisions } from '../../api/warehouse-thread/control-queries.ts';
import { policySchema } from '../../controller/policy.ts';
import { initialState } from '../../controller/scope-state.ts';
import type { DecisionQuery } from '../../controller/snapshot.ts';
import { ago, day, hour, minute, noon, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();
const books = () => controlBooks(control.models().connection, noon);

const decided = (seq: number, scope: string, limit: number | null, given: Facts = {}) => {
  const state = initialState(policySchema.parse({}), scope, noon);
  const evidence = { out: { since: null, sent: 0, matured: 0, slowest: 0 }, cohorts: [] };
  return control.models().insert('fact_control_decision', {
    ...{ decision_id: `d${seq}`, seq, scope, decided_at: ago(hour - seq * minute), policy_mode: 'enforce', policy_hash: 'h' },
    ...{ rule: 'growth', window_limit: limit, reason_code: 'grows', owner: 'controller' },
    ...{ document: JSON.stringify({ decision_id: `d${seq}`, seq, scope, before: state, next: state, evidence }), ...given },
  });
};
const set = (override_id: string, given_at: string, until_at: string | null, given: Facts = {}) =>
  control.models().insert('fact_control_override', {
    ...{
      override_id,
      given_at,
      command_id: override_id,
      scope: 'campaign:a',
      action: 'pause',
      reason: 'complaints',
      actor: 'ops',
    },
    ...{ until_at, ...given },
  });
const permit = (permit_id: string, granted: string, expires: string, given: Facts = {}) =>
  control.models().insert('fact_permit', {
    ...{ permit_id, granted_at: granted, request_id: `ask ${permit_id}`, expires_at: expires, category: 'marketing', granted: 5 },
    ...{ is_shadow: false, people: 0, answer: JSON.stringify({ permit_id, granted: 5 }), ...given },
  });

describe('what a restart must know', () => {
  it('is nothing before the first decision', async () => {
    expect(await books()).toEqual({ seq: 0, latest: [], overrides: [], grants: [], returned: [] });
  });

  it('the number of the newest decision, and the newest of each scope', async () => {
    await decided(1, 'campaign:a', 100);
    await decided(3, 'campaign:a', 200);
    await decided(2, 'campaign:b', 100);
    const { seq, latest } = await books();
    expect(seq).toBe(3);
    expect(latest).toMatchObject([
      { decision_id: 'd2', seq: 2, scope: 'campaign:b' },
      { decision_id: 'd3', seq: 3, scope: 'campaign:a' },
    ]);
  });

  it('overrides in force, oldest first, without those that ended or were lifted', async () => {
    await set('newer', ago(minute), null, { action: 'limit', window_limit: 50, per_second: 2.5 });
    await set('older', ago(hour), ago(-minute));
    await set('ended', ago(hour), ago(minute));
    await set('lifted', ago(hour), null);
    await control.models().insert('fact_control_lift', {
      ...{ override_id: 'lifted', lifted_at: ago(minute), command_id: 'l', actor: 'ops', reason: 'mended' },
    });
    const common = { scope: 'campaign:a', reason: 'complaints', actor: 'ops' };
    expect((await books()).overrides).toEqual([
      { override_id: 'older', action: 'pause', window: null, per_second: null, at: noon - hour, until: noon + minute, ...common },
      { override_id: 'newer', action: 'limit', window: 50, per_second: 2.5, at: noon - minute, until: null, ...common },
    ]);
  });

  it('the permits of 24 hours with the people they name, and what came back of leases that are not over for ten minutes', async () => {
    const running = { phone_number_id: 'n1', campaign_id: 'a', market: 'FR', is_shadow: true };
    await permit('running', ago(minute), ago(-minute), running);
    await permit('over', ago(20 * minute), ago(9 * minute));
    await permit('long over', ago(20 * minute), ago(11 * minute));
    await permit('named', ago(5 * hour), ago(4 * hour), { people: 2 });
    await permit('named long ago', ago(day + hour), ago(day), { people: 1 });
    for (const [permit_id, person] of [
      ['named', 'c2'],
      ['named', 'c1'],
    ] as const) {
      await control.models().insert('fact_permit_person', { permit_id, person, granted_at: ago(5 * hour) });
    }
    for (const [command_id, permit_id, count] of [
      ['1', 'over', 2],
      ['2', 'over', 1],
      ['3', 'long over', 1],
    ] as const) {
      await control.models().insert('fact_permit_return', { command_id, permit_id, count, returned_at: ago(12 * minute) });
    }
    const { grants, returned } = await books();
    expect(grants.map(({ permit_id, people }) => [permit_id, people])).toEqual([
      ['named', ['c1', 'c2']],
      ['long over', []],
      ['over', []],
      ['running', []],
    ]);
    const nowhere = { portfolio_id: null, waba_id: null, template_name: null, template_language: null, variant_id: null };
    expect(grants[3]).toEqual({
      ...{ permit_id: 'running', request_id: 'ask running', category: 'marketing', granted: 5, people: [], shadow: true },
      address: { ...nowhere, phone_number_id: 'n1', campaign_id: 'a', segment_id: null, market: 'FR' },
      ...{ at: noon - minute, expires_at: noon + minute },
      // The record leaves out what the grant says by itself, and lists of nobody.
      answer: { permit_id: 'running', granted: 5, expires_at: noon + minute, denied: [], retry_after_ms: null },
    });
    expect(returned).toEqual([{ permit_id: 'over', count: 3 }]);
  });
});

describe('the trail', () => {
  const all: DecisionQuery = { scopes: null, changes: false, limit: 100, before_seq: null };
  const trail = async (query: Partial<DecisionQuery> = {}) =>
    (await decisions(control.models().connection, { ...all, ...query })).map(({ seq }) => seq);

  it('is newest first, of one scope or all, page by page', async () => {
    for (const [seq, scope] of ['a', 'b', 'a', 'b', 'a'].entries()) await decided(seq + 1, `campaign:${scope}`, seq);
    expect(await trail()).toEqual([5, 4, 3, 2, 1]);
    expect(await trail({ scopes: ['campaign:a'] })).toEqual([5, 3, 1]);
    expect(await trail({ limit: 2 })).toEqual([5, 4]);
    expect(await trail({ limit: 2, before_seq: 4 })).toEqual([3, 2]);
  });

  it('can leave out decisions that allow what the one before them allowed', async () => {
    await decided(1, 'campaign:a', 100);
    await decided(2, 'campaign:a', 100);
    await decided(3, 'campaign:b', 100);
    await decided(4, 'campaign:a', 50);
    await decided(5, 'campaign:a', 50, { per_second: 1 });
    await decided(6, 'campaign:a', 50, { per_second: 1, policy_mode: 'shadow' });
    await decided(7, 'campaign:a', null, { per_second: 1, policy_mode: 'shadow' });
    await decided(8, 'campaign:a', null, { per_second: 1, policy_mode: 'shadow' });
    expect(await trail({ changes: true })).toEqual([7, 6, 5, 4, 3, 1]);
    expect(await trail({ changes: true, before_seq: 5, limit: 1 })).toEqual([4]);
  });
});
