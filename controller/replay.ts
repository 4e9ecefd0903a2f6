import { isDeepStrictEqual } from 'node:util';
import { decide, type Verdict } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Policy } from './policy.ts';
import type { ScopeId } from './scope.ts';

/** The decision that the rules give today for what a recorded one saw, under any policy. */
export function replay({ before, evidence, at }: Pick<Decision, 'before' | 'evidence' | 'at'>, policy: Policy): Verdict {
  return decide(policy, before, evidence, at);
}

/** Where a trail is not what it should be. */
export interface TrailFault {
  seq: number;
  scope: ScopeId;
  fault: 'gap' | 'broken_chain' | 'unknown_policy' | 'decided_otherwise';
}

/**
 * Checks a trail in the order of its seq: no number is missing or twice, each decision of a scope begins where its last one ended
 * (the first may begin anywhere), and each is what `decide` gives again. `policyOf` knows the recorded policies by their hash.
 */
export function checkTrail(trail: readonly Decision[], policyOf: (hash: string) => Policy | null): TrailFault[] {
  const faults: TrailFault[] = [];
  const ends = new Map<ScopeId, Decision['next']>();
  let last: number | null = null;
  for (const decision of trail) {
    const { seq, scope } = decision;
    const note = (fault: TrailFault['fault']) => faults.push({ seq, scope, fault });
    if (last !== null && seq !== last + 1) note('gap');
    last = seq;
    const end = ends.get(scope);
    if (end !== undefined && !same(end, decision.before)) note('broken_chain');
    ends.set(scope, decision.next);
    const policy = policyOf(decision.policy_hash);
    if (policy === null) note('unknown_policy');
    else if (!sameVerdict(decision, replay(decision, policy))) note('decided_otherwise');
  }
  return faults;
}

function sameVerdict({ decision_id: _, seq: __, ...recorded }: Decision, again: Verdict): boolean {
  return same(recorded, again);
}

/** Equal as JSON: what a log keeps. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
