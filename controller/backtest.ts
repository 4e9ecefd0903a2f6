import type { Verdict } from './decide.ts';
import type { Decision, ScopeState } from './decision.ts';
import type { Policy } from './policy.ts';
import { replay } from './replay.ts';
import type { ScopeId } from './scope.ts';
import { stateOf } from './view.ts';

/** What one policy made of the time of a scope. Lengths in minutes, times in ms since 1970. */
export interface Outcome {
  /** With nothing going out: paused, stopped. */
  closed_minutes: number;
  /** Braked, but with something going out: throttled, probing, recovering. */
  braked_minutes: number;
  alarms: number;
  first_alarm_at: number | null;
  /** Where it stood at the end: most messages out, null without a bound. */
  limit: number | null;
  state: string;
}

/** One scope under the policy that was in force (`was`) and under another (`would`). */
export interface Difference {
  scope: ScopeId;
  decisions: number;
  was: Outcome;
  would: Outcome;
  /** The first decision that would have been another one, with both rules and states. */
  first: { at: number; seq: number; was: string; would: string } | null;
}

export interface Backtest {
  scopes: Difference[];
  decisions: number;
  /** Decisions whose evidence cannot be judged any more, e.g. of an older version. */
  skipped: number;
}

type Step = Pick<Verdict, 'rule' | 'limit' | 'next' | 'at'>;

/**
 * What would have been decided under other policies from the evidence that was seen, each scope's states following from one another.
 * The evidence is what it was: under other limits other messages would have gone out, so this tells when a policy would have acted,
 * not what that would have spared.
 * @param trail in the order of its seq
 * @param until end of the time looked at, ms since 1970
 */
export function backtest(trail: readonly Decision[], policyOf: (scope: ScopeId) => Policy, until: number): Backtest {
  const byScope = new Map<ScopeId, { was: Step; would: Step; seq: number }[]>();
  const states = new Map<ScopeId, ScopeState>();
  let skipped = 0;
  for (const decision of trail) {
    const { scope, seq, evidence, at } = decision;
    const policy = policyOf(scope);
    let would: Verdict;
    try {
      would = replay({ before: states.get(scope) ?? decision.before, evidence, at }, policy);
    } catch {
      skipped += 1;
      continue;
    }
    states.set(scope, would.next);
    const steps = byScope.get(scope) ?? [];
    byScope.set(scope, steps);
    steps.push({ was: decision, would, seq });
  }
  const scopes = [...byScope].map(([scope, steps]): Difference => {
    const first = steps.find(({ was, would }) => shown(was) !== shown(would));
    return {
      scope,
      decisions: steps.length,
      was: outcome(
        steps.map(({ was }) => was),
        until,
      ),
      would: outcome(
        steps.map(({ would }) => would),
        until,
      ),
      first: first === undefined ? null : { at: first.was.at, seq: first.seq, was: shown(first.was), would: shown(first.would) },
    };
  });
  scopes.sort((a, b) => Number(a.first === null) - Number(b.first === null) || (a.scope < b.scope ? -1 : 1));
  return { scopes, decisions: trail.length, skipped };
}

/** What a step says to a sender, in words. */
function shown(step: Step): string {
  const bound = step.limit === null ? 'no bound' : `${Math.round(step.limit)} out`;
  return `${stateOf(step)} by ${step.rule}, ${bound}`;
}

function outcome(steps: readonly Step[], until: number): Outcome {
  const total: Outcome = { closed_minutes: 0, braked_minutes: 0, alarms: 0, first_alarm_at: null, limit: null, state: 'open' };
  for (const [index, step] of steps.entries()) {
    const minutes = Math.max(0, (steps[index + 1]?.at ?? until) - step.at) / 60_000;
    if (step.limit === 0) total.closed_minutes += minutes;
    else if (step.next.mode !== 'open') total.braked_minutes += minutes;
    if (step.rule === 'alarm') {
      total.alarms += 1;
      total.first_alarm_at ??= step.at;
    }
    total.limit = step.limit;
    total.state = stateOf(step);
  }
  return total;
}
