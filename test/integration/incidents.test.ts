import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explanationText } from '../../api/commands/explanation-text.ts';
import { ControlLoop } from '../../api/control-loop.ts';
import { brakedWithin, controlAnswer, decisionAnswer, overrideAnswer, stateOrNew } from '../../api/control-view.ts';
import type { Decision, Rule } from '../../controller/decision.ts';
import type { Override, PlatformWord } from '../../controller/evidence.ts';
import { defaultPolicy } from '../../controller/policy.ts';
import { checkTrail } from '../../controller/replay.ts';
import type { CohortRow, ControlSnapshot } from '../../controller/snapshot.ts';
import { projectRoot } from '../../sql/files.ts';
import { fixedWarehouse, MemoryLog } from '../stand-ins.ts';

/** What was to be seen, what somebody did, and what the controller must make of it. Minutes count from 10:00 UTC. */
interface Step {
  minute: number;
  /** Messages of the campaign by when they were sent, with what came of them. */
  cohorts?: ({ minutes_ago: number; sent: number; delivered?: number } & Partial<CohortRow['events']>)[];
  words?: { scope: string; action: PlatformWord['action']; code: string; until_minute?: number }[];
  feedback_minutes_ago?: number;
  seen?: number;
  permitted?: number;
  override?: { action: Override['action']; reason: string; window?: number; per_second?: number; for_minutes?: number };
  lift?: boolean;
  expect: { state: string; rule?: Rule; rule_is_not?: Rule; code?: string; owner?: string; limit?: number; says: string[] };
}
interface Incident {
  title: string;
  scope: string;
  steps: Step[];
  /** As docs/incidents.md says, executed. */
  undo: Step;
  /** What ends it: a time, the platform's word, the evidence, or whoever set it. */
  ends: 'until' | 'platform' | 'evidence' | 'owner';
}

const folder = join(projectRoot, 'test/incidents');
const incidents = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Incident] as const);
const zero = Date.parse('2026-11-21T10:00:00Z');
const minute = 60_000;
const [number, waba] = ['106540352242922', '102290129340398'];
const page = readFileSync(join(projectRoot, 'docs/incidents.md'), 'utf8');

function snapshotOf(step: Step): Pick<ControlSnapshot, 'cohorts' | 'words' | 'numbers'> {
  const at = zero + step.minute * minute;
  const { cohorts = [], words = [], feedback_minutes_ago = 0, seen = 0, permitted = 0 } = step;
  return {
    cohorts: cohorts.map(({ minutes_ago, sent, delivered, ...events }) => {
      const failed = (events.undeliverable ?? 0) + (events.platform_block ?? 0) + (events.other_failure ?? 0);
      const none = { undeliverable: 0, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 };
      return {
        ...{ campaign_id: 'autumn-sale', template_name: 'autumn_sale', segment_id: 'vip', variant_id: null, market: null },
        ...{ phone_number_id: number, category: 'marketing', sent_at: at - minutes_ago * minute, sent, held: 0 },
        ...{ delivered: delivered ?? sent - failed, read: 0, replied: 0, clicked: 0, events: { ...none, ...events } },
      };
    }),
    words: words.map(({ scope, action, code, until_minute }) => ({
      ...{ scope, action, code, at: zero },
      until: until_minute === undefined ? null : zero + until_minute * minute,
    })),
    numbers: [
      {
        ...{ phone_number_id: number, waba_id: waba, portfolio_id: 'p1', seen, permitted },
        last_feedback_at: at - feedback_minutes_ago * minute,
      },
    ],
  };
}

describe.each(incidents)('incident %s', (_, incident) => {
  it('is told as it was: what, why, since when and what ends it; and its undo works', async () => {
    const log = new MemoryLog();
    let clock = zero;
    let seen: Partial<ControlSnapshot> = {};
    const { positions, controlSnapshot, controlBooks } = fixedWarehouse(log);
    const loop = new ControlLoop({
      warehouse: {
        positions,
        controlSnapshot: async (at) => ({ ...(await controlSnapshot(at)), ...seen }),
        controlNews: async () => ({ words: null, urgent: false }),
        controlBooks,
      },
      log,
      policy: defaultPolicy,
      now: () => new Date(clock),
      report: (error) => expect.fail(String(error)),
    });
    const decisions = () =>
      log.bodies('command').flatMap((text) => {
        const { command, body } = JSON.parse(text) as { command: string; body: Decision };
        return command === 'control.decision' ? [body] : [];
      });
    const { scope } = incident;
    const take = async (step: Step) => {
      clock = zero + step.minute * minute;
      seen = snapshotOf(step);
      await loop.tick();
      if (step.override !== undefined) {
        const { action, reason, window = null, per_second = null, for_minutes } = step.override;
        const until = for_minutes === undefined ? null : clock + for_minutes * minute;
        await loop.override({ scope, action, reason, window, per_second, at: clock, until }, 'ops');
      }
      for (const { override_id } of step.lift ? loop.inForce() : []) await loop.lift(override_id, 'mended', 'ops');
      clock += 1000;
      await loop.tick();
      const state = stateOrNew(loop, scope, 'en', clock);
      const { expect: wanted } = step;
      expect(state).toMatchObject({
        state: wanted.state,
        ...(wanted.rule === undefined ? {} : { rule: wanted.rule }),
        ...(wanted.owner === undefined ? {} : { owner: wanted.owner }),
        ...(wanted.limit === undefined ? {} : { window: { allowed: wanted.limit } }),
        ...(wanted.code === undefined ? {} : { reason: { code: wanted.code } }),
      });
      if (wanted.rule_is_not !== undefined) expect(state.rule).not.toBe(wanted.rule_is_not);
      for (const words of wanted.says) expect(state.reason.sentence).toContain(words);
      return state;
    };

    for (const step of incident.steps.slice(0, -1)) await take(step);
    const last = incident.steps.at(-1);
    if (last === undefined) throw new Error('an incident has steps');
    const state = await take(last);
    expect(state.since).not.toBeNull();
    expect(state.until !== null).toBe(incident.ends === 'until');

    // The command says it, and the control room does.
    const told = explanationText({
      ...{ scope, sentence: state.reason.sentence, state },
      related: brakedWithin(loop, scope, 'en').map((one) => ({
        scope: one.scope,
        state: one.state,
        sentence: one.reason.sentence,
      })),
      overrides: loop.inForce().map(overrideAnswer),
      decisions: decisions()
        .filter((decision) => decision.scope === scope)
        .map((decision) => decisionAnswer(decision, 'en')),
    });
    for (const words of [state.reason.sentence, 'since', 'until', 'set by', state.owner, 'rule']) expect(told).toContain(words);
    const room = controlAnswer(loop, 'en', clock);
    expect(room.scopes.find((one) => one.scope === scope)?.reason.sentence).toBe(state.reason.sentence);

    await take(incident.undo);
    // Every step stands in the trail with signals, policy, watermark, end or owner; and is decided again alike.
    for (const { policy_hash, evidence, owner } of decisions()) {
      expect([policy_hash, typeof evidence.watermark, owner]).toEqual([
        expect.stringMatching(/^[0-9a-f]{16}$/),
        'number',
        expect.any(String),
      ]);
    }
    expect(checkTrail(decisions(), (hash) => loop.brain?.policyByHash(hash) ?? null)).toEqual([]);
    await loop.stop();
  });

  it('has its place in docs/incidents.md, and the undo that is played is the one that stands there', () => {
    expect(page).toContain(`. ${incident.title}\n`);
    const [section = ''] = page.split(`. ${incident.title}\n`)[1]?.split('\n## ') ?? [];
    const [, undo = ''] = section.split('**Undo');
    const [, action, what, reason] = /^sluice (\w+) (.+?) --reason "(.*)"$/m.exec(undo) ?? [];
    const { override, lift = false } = incident.undo;
    expect(action ?? 'the world').toBe(override?.action ?? (lift ? 'lift' : 'the world'));
    if (override !== undefined) expect([what, reason]).toEqual([incident.scope, override.reason]);
    if (lift) expect([what, reason]).toEqual([expect.stringMatching(/^<id that (pause|limit) printed>$/), 'mended']);
  });
});

it('there are ten', () => expect(incidents).toHaveLength(10));
