import type { Verdict } from './decide.ts';
import type { ScopeState } from './decision.ts';
import { guarded } from './detect.ts';
import type { Accusation } from './evidence.ts';
import { localise } from './localise.ts';
import type { Matcher } from './match.ts';
import { push } from './multimap.ts';
import { type HarmName, harmNames, type Policy } from './policy.ts';
import { isSuspect, type ScopeId } from './scope.ts';

const minute = 60_000;
/** Times before now in which messages were sent that may tell most, ms: what turned bad at noon is thin in the counts of three days. */
const windows = [15 * minute, 60 * minute, 360 * minute, 4320 * minute];

/** What is found out about the alarms of one look. */
export interface Findings {
  /** Scopes that are braked for an alarm that another one raised. */
  accused: ReadonlyMap<ScopeId, Accusation>;
  /** Scopes whose alarm others explain: those are left out, and the scope begins anew. */
  explained: ReadonlyMap<ScopeId, readonly ScopeId[]>;
}

/**
 * Finds who is behind the alarms of scopes that were open: each is braked itself, explained by others, or both stand apart.
 * @param braked who was found guilty before: their harm is explained already, and the sums of open scopes leave it out
 */
export function findGuilty(
  matcher: Matcher,
  policy: Policy,
  alarms: readonly Verdict[],
  braked: ReadonlySet<ScopeId>,
  now: number,
): Findings {
  const accused = new Map<ScopeId, Accusation>();
  const explained = new Map<ScopeId, ScopeId[]>();
  const bySignal = new Map<HarmName, Verdict[]>();
  for (const alarm of alarms) {
    const signal = harmOf(alarm);
    if (signal === null) continue;
    push(bySignal, signal, alarm);
  }
  const guilty = new Set<ScopeId>();
  for (const [signal, raised] of bySignal) {
    for (const found of coverOf(matcher, policy, signal, raised, braked, now)) {
      guilty.add(found.scope);
      const by = raised.find(({ scope }) => matcher.share(scope, found.scope))?.scope ?? found.scope;
      const { events, exposure, suspects } = found;
      if (!accused.has(found.scope)) accused.set(found.scope, { by, signal, events, exposure, suspects });
    }
  }
  for (const { scope } of [...alarms].reverse()) {
    if (guilty.has(scope)) continue;
    const others = [...guilty].filter((other) => matcher.share(scope, other));
    // Without a finding, the narrowest (alarms come so) of those that alarm together answers for all.
    const narrower = alarms
      .map((alarm) => alarm.scope)
      .filter((other) => other !== scope && !explained.has(other) && matcher.within(other, scope));
    const by = others.length > 0 ? others : narrower;
    if (by.length > 0) explained.set(scope, by.sort());
  }
  return { accused, explained };
}

function coverOf(
  matcher: Matcher,
  policy: Policy,
  signal: HarmName,
  raised: readonly Verdict[],
  braked: ReadonlySet<ScopeId>,
  now: number,
) {
  const covers = windows.map((window) => {
    const cells = matcher
      .cells(signal, now - window, braked)
      .map(({ scopes, ...counts }) => ({
        ...counts,
        // Only who has messages in common with an alarm can be behind it.
        scopes: scopes.filter((scope) => raised.some((alarm) => scope === alarm.scope || matcher.share(scope, alarm.scope))),
      }))
      .filter(({ scopes }) => scopes.length > 0);
    return localise(cells, policy.detectors[signal]);
  });
  return covers.reduce((best, cover) => (cover.score > best.score ? cover : best)).guilty;
}

/** The harm that an alarm speaks of; of a guardrail, what has most of it. Null for shortfalls: who lacks something is not told apart. */
function harmOf({ next, evidence }: Verdict): HarmName | null {
  const signal = next.cause?.numbers['signal'];
  const parts =
    signal === 'failure' ? guarded.failure : signal === 'refusal' ? guarded.refusal : harmNames.filter((name) => name === signal);
  const events = (name: HarmName) => evidence.cohorts.reduce((sum, day) => sum + day.signals[name].events, 0);
  return parts.reduce<HarmName | null>((most, name) => (most === null || events(name) > events(most) ? name : most), null);
}

/**
 * The guilty scopes whose messages are left out of a scope's signals. One that is open leaves out all of them; one that is braked itself
 * only those that lie within it, so that no evidence is left out everywhere.
 */
export function leftOut(matcher: Matcher, scope: ScopeId, isOpen: boolean, braked: ReadonlyMap<ScopeId, unknown>): ScopeId[] {
  if (!isSuspect(scope)) return [];
  return common(braked, matcher.neighbours(scope))
    .filter((guilty) => guilty !== scope)
    .filter((guilty) => isOpen || (matcher.within(guilty, scope) && !matcher.within(scope, guilty)))
    .sort();
}

/** A guilty scope that could not be told apart from others when it was braked. */
interface Suspicion {
  guilty: ScopeId;
  since: number;
  signal: HarmName;
}

/** Who may be to blame instead of the guilty, or besides: what was said when those were braked, by each of the others. */
export class Suspicions {
  private readonly by = new Map<ScopeId, Suspicion[]>();
  /** In the order in which the guilty were braked. */
  private readonly order = new Map<Suspicion, number>();

  constructor(
    private readonly matcher: Matcher,
    private readonly policy: Policy,
    braked: Iterable<[ScopeId, Pick<ScopeState, 'cause' | 'since'>]>,
  ) {
    for (const [guilty, { cause, since }] of braked) {
      const suspects = cause?.numbers['suspects'];
      const said = cause?.numbers['signal'];
      const signal =
        said === 'failure' ? 'undeliverable' : said === 'refusal' ? 'opt_out' : harmNames.find((name) => name === said);
      if (typeof suspects !== 'string' || signal === undefined) continue;
      const suspicion = { guilty, since, signal };
      this.order.set(suspicion, this.order.size);
      for (const suspect of suspects.split(', ')) push(this.by, suspect, suspicion);
    }
  }

  /**
   * The guilty scope that this one cannot be told apart from: it is among its suspects, or has messages of one, and has not yet shown by
   * as many observed messages as a new stream may have out, sent since then, that it is not to blame.
   */
  of(scope: ScopeId): ScopeId | null {
    const { matcher, policy, order } = this;
    const touched = new Set(this.by.get(scope));
    for (const suspect of common(this.by, matcher.neighbours(scope)))
      for (const one of this.by.get(suspect) ?? []) touched.add(one);
    const found = [...touched]
      .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
      .find(({ guilty, since, signal }) => {
        if (scope === guilty || matcher.within(scope, guilty)) return false;
        return matcher.observed(scope, guilty, signal, since) < policy.window.start;
      });
    return found?.guilty ?? null;
  }
}

/** Scopes that are in both: of many that are braked, most scopes have few neighbours. */
function common(some: ReadonlyMap<ScopeId, unknown>, near: ReadonlySet<ScopeId>): ScopeId[] {
  return near.size < some.size
    ? [...near].filter((scope) => some.has(scope))
    : [...some.keys()].filter((scope) => near.has(scope));
}
