import { describe, expect, it } from 'vitest';
import { Controller } from '../../../controller/controller.ts';
import { readDecision } from '../../../controller/decision-record.ts';
import { policySchema } from '../../../controller/policy.ts';
import { checkTrail } from '../../../controller/replay.ts';
import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';
import { hour, minute, none, noon, sends, snapshot, undeliverable } from './control-counts.ts';

const policy = policySchema.parse({});
function fresh() {
  let made = 0;
  const controller = new Controller({
    policy,
    books: { seq: 0, latest: [], overrides: [], grants: [], returned: [] },
    newId: () => `d${++made}`,
  });
  const trail: ReturnType<Controller['propose']> = [];
  const tick = (counts: ControlSnapshot) => {
    const decisions = controller.propose(counts, [], counts.as_of);
    controller.accept(decisions);
    trail.push(...decisions);
  };
  const braked = () =>
    controller
      .views()
      .filter(({ state }) => state !== 'open')
      .map(({ scope }) => scope);
  return { controller, tick, braked, trail };
}
/** Delivered an hour ago, but for those that were undeliverable. */
const sent = (of: Partial<CohortRow>, messages: number, failed: number) =>
  sends({ ...of, sent_at: noon - hour, sent: messages, delivered: messages - failed, events: undeliverable(failed) });

describe('who is braked when something alarms', () => {
  it.each<[string, CohortRow[], string[]]>([
    [
      'a bad arm, and neither its campaign nor the other arm',
      ['vip', 'new'].flatMap((segment_id) => [
        sent({ segment_id, variant_id: 'one' }, 200, 4),
        sent({ segment_id, variant_id: 'two' }, 200, 60),
      ]),
      ['variant:autumn/two'],
    ],
    [
      'a template that two campaigns share, and not the campaigns',
      ['autumn', 'winter'].flatMap((campaign_id) => [
        sent({ campaign_id, template_name: 'rude' }, 150, 45),
        sent({ campaign_id, template_name: 'kind' }, 600, 12),
      ]),
      ['template:rude'],
    ],
    [
      'one of two campaigns on one number',
      ['vip', 'new'].flatMap((segment_id) => [
        sent({ campaign_id: 'autumn', template_name: 'a', segment_id }, 200, 60),
        sent({ campaign_id: 'winter', template_name: 'w', segment_id }, 200, 4),
      ]),
      ['template:a'],
    ],
    [
      'a market whose carrier is down',
      ['autumn', 'winter', 'spring'].flatMap((campaign_id) => [
        sent({ campaign_id, market: 'BR' }, 100, 40),
        sent({ campaign_id, market: 'FR' }, 900, 18),
      ]),
      ['market:BR'],
    ],
  ])('%s', (_, rows, expected) => {
    const { tick, braked } = fresh();
    tick(snapshot(noon, rows));
    expect(braked()).toEqual(expected);
    // And it stays so when the same is looked at again.
    tick(snapshot(noon + 30_000, rows));
    expect(braked()).toEqual(expected);
  });

  it('each new bad list, and not the market that they share, however many were braked in it before', () => {
    const { tick, braked } = fresh();
    const bad = (name: string) => sent({ campaign_id: name, template_name: name, segment_id: name, market: 'IN' }, 60, 60);
    const names = Array.from({ length: 16 }, (_, at) => `list-${String(at).padStart(2, '0')}`);
    const healthy = sent({ market: 'IN' }, 50_000, 50);
    for (const [look, count] of [0, 4, 4, 8, 8, 12, 12, 16, 16].entries()) {
      tick(snapshot(noon + look * 20_000, [healthy, ...names.slice(0, count).map(bad)]));
      expect(braked()).toEqual(names.slice(0, count).map((name) => `stream:${name}/${name}/${name}`));
    }
  });

  it('the trail of it replays to the same decisions', () => {
    const { tick, trail } = fresh();
    const rows = ['vip', 'new'].flatMap((segment_id) => [
      sent({ segment_id, variant_id: 'one' }, 200, 4),
      sent({ segment_id, variant_id: 'two' }, 200, 60),
    ]);
    for (const at of [0, 1, 2]) tick(snapshot(noon + at * minute, rows));
    expect(checkTrail(trail, () => policy)).toEqual([]);
    const accused = trail.find(({ next }) => next.mode !== 'open');
    expect(accused?.evidence.accused).toMatchObject({ signal: 'undeliverable', events: 120, exposure: 400 });
  });

  it('says whom it could not tell apart, and what shares a suspect does not grow until it has shown itself', () => {
    const { controller, tick } = fresh();
    const bad = sent({ segment_id: 'bought' }, 100, 40);
    // Three messages of another segment under the same template: too few to acquit template and campaign.
    const few = sent({ segment_id: 'vip' }, 3, 0);
    tick(snapshot(noon, [bad, few]));
    const view = (scope: string) => controller.views().find((one) => one.scope === scope);
    expect(view('stream:autumn/autumn_sale/bought')?.reason.numbers['suspects']).toContain('template:autumn_sale');
    tick(snapshot(noon + 20_000, [bad, few]));
    expect(view('stream:autumn/autumn_sale/vip')?.reason).toMatchObject({ code: 'suspected' });
    const many = sends({ segment_id: 'vip', sent_at: noon, sent: 150, delivered: 150 });
    tick(snapshot(noon + 10 * minute, [bad, few, many]));
    expect(view('stream:autumn/autumn_sale/vip')?.reason.code).not.toBe('suspected');
  });
});

describe('what the platform holds', () => {
  it('counts as out, and nothing grows until it is released', () => {
    const { controller, tick } = fresh();
    const rows = [
      sends({ sent_at: noon - 3 * hour, sent: 100, delivered: 100 }),
      sends({ sent_at: noon - hour, sent: 0, held: 50 }),
    ];
    tick(snapshot(noon, rows));
    const stream = controller.views().find(({ kind }) => kind === 'stream');
    expect(stream).toMatchObject({
      rule: 'untrusted_evidence',
      limit: 150,
      reason: { code: 'held_by_pacing', numbers: { held: 50 } },
    });
    expect(stream?.unobserved).toBeGreaterThan(50);
  });
});

describe('what has no history', () => {
  it('begins as a canary, and is free of it once it has', () => {
    const { controller, tick } = fresh();
    const rows = [sends({ sent_at: noon - minute, sent: 10 })];
    tick(snapshot(noon, rows, { established: ['portfolio:p'] }));
    const limit = (scope: string) => controller.views().find((view) => view.scope === scope)?.limit;
    expect([limit('template:autumn_sale'), limit('number:555')]).toEqual([2000, 5000]);
    tick(snapshot(noon + minute, rows, { established: ['template:autumn_sale', 'number:555', 'portfolio:p'] }));
    expect([limit('template:autumn_sale'), limit('number:555')]).toEqual([null, null]);
  });
});

describe('what a stream lacks', () => {
  const usual = (messages: number) => ({
    ...{ campaign_id: 'autumn', template_name: 'autumn_sale', segment_id: 'vip', signal: 'read' as const, hour: 9 },
    ...{ messages, ages: [minute, hour, 72 * hour], shares: [0.1, 0.5, 0.6] },
  });
  const read = (reads: number) => [sends({ sent_at: noon - 3 * hour, sent: 1000, delivered: 1000, read: reads })];
  const look = (reads: number, of = [usual(10_000)]) => {
    const { controller, tick } = fresh();
    const counts = (at: number, rows: CohortRow[]) => snapshot(at, rows, { baselines: { name: 'b', of } });
    tick(counts(noon - 1000, []));
    tick(counts(noon, read(reads)));
    tick(counts(noon + 20_000, read(reads)));
    return controller.views().find(({ kind }) => kind === 'stream');
  };

  it('narrows it when far fewer read than usual at this age and hour, and never stops it', () => {
    // About 0.51 of 1000 are usual after two and a half hours: 510 less the doubt of the baseline, and 100 came.
    expect(look(100)).toMatchObject({ state: 'throttled', rule: 'alarm', reason: { code: 'shortfall_throttled' } });
    expect(look(0)?.limit).toBeGreaterThan(0);
  });

  it('says nothing when it reads as usual, or slowly as ever, or when nothing is known of the hour', () => {
    expect(look(500)?.state).toBe('open');
    const slow = { ...usual(10_000), shares: [0.01, 0.1, 0.6] };
    expect(look(110, [slow])?.state).toBe('open');
    expect(look(0, [{ ...usual(10_000), hour: 21 }])?.state).toBe('open');
    expect(look(0, [usual(40)])?.state).toBe('open'); // 24 reads are no baseline
  });
});

describe('what a market lacks', () => {
  it('is not judged by what is usual for the streams that write to it: its nights and habits are its own', () => {
    const of = [
      {
        ...{ campaign_id: 'autumn', template_name: 'autumn_sale', segment_id: 'vip', signal: 'read' as const, hour: 9 },
        ...{ messages: 10_000, ages: [minute, hour, 72 * hour], shares: [0.1, 0.5, 0.6] },
      },
    ];
    const { controller, tick } = fresh();
    const rows = [sends({ sent_at: noon - 3 * hour, sent: 1000, delivered: 1000, read: 500, market: 'IN' })];
    tick(snapshot(noon, rows, { baselines: { name: 'b', of } }));
    const reads = (kind: string) =>
      controller
        .views()
        .find((view) => view.kind === kind)
        ?.detectors.find(({ signal }) => signal === 'read');
    expect(reads('stream')?.exposure).toBeGreaterThan(400);
    expect(reads('market')).toMatchObject({ events: 0, exposure: 0 });
  });
});

describe('a decision that an older version wrote', () => {
  it('is read, with what it does not know as not having happened', () => {
    const { tick, trail } = fresh();
    tick(snapshot(noon, [sends({ sent_at: noon - hour, sent: 10, delivered: 9, events: { ...none, undeliverable: 1 } })]));
    const [decision] = trail;
    const old = JSON.parse(JSON.stringify(decision)) as Record<string, Record<string, unknown>>;
    for (const part of ['before', 'next'] as const)
      for (const name of ['guard', 'baseline', 'alarmed', 'proven']) delete old[part]?.[name];
    const out = (old['evidence']?.['out'] ?? {}) as Record<string, unknown>;
    delete out['slowest'];
    for (const name of ['held', 'novel', 'accused', 'suspected', 'baseline']) delete old['evidence']?.[name];
    const sums = (old['next']?.['cusum'] ?? {}) as Record<string, unknown>;
    delete sums['marketing_limit'];
    const read = readDecision(JSON.stringify(old));
    expect(read.next).toMatchObject({
      guard: { failure: { events: 0 } },
      baseline: null,
      cusum: { marketing_limit: 0 },
      alarmed: [],
    });
    expect(read.evidence.out.slowest).toBe(read.evidence.out.matured);
    expect(read.evidence).toMatchObject({ held: 0, accused: null, suspected: null });
    // The controller goes on from it.
    const controller = new Controller({
      policy,
      books: { seq: 1, latest: [read], overrides: [], grants: [], returned: [] },
      newId: () => 'x',
    });
    expect(() =>
      controller.propose(snapshot(noon + minute, [sends({ sent_at: noon, sent: 5 })]), [], noon + minute),
    ).not.toThrow();
  });
});
