import type { Mode, ScopeState } from './decision.ts';
import { type Out, unobserved } from './evidence.ts';
import { type FailureName, failureNames, type Policy, type SignalName } from './policy.ts';
import { parseScope, type ScopeId } from './scope.ts';

/** The window that a scope begins with; null for scopes that have none of their own and get one by an alarm, or as a canary. */
export function startWindow(policy: Policy, scope: ScopeId): number | null {
  const kind = parseScope(scope)?.kind;
  if (kind === 'stream') return Math.min(policy.window.start, policy.window.most);
  return kind === 'campaign' ? Math.min(policy.window.campaign_start, policy.window.most) : null;
}

/** The canary of a scope without history, under the platform's pacing; null for kinds that the platform does not pace. */
export function canaryWindow(policy: Policy, scope: ScopeId): number | null {
  const { template_start, number_start, portfolio_start, most } = policy.window;
  const kind = parseScope(scope)?.kind;
  const start =
    kind === 'template' ? template_start : kind === 'number' ? number_start : kind === 'portfolio' ? portfolio_start : null;
  return start === null ? null : Math.min(start, most);
}

/** After a pause, until it is open again or paused anew. */
export function isOnTrial(mode: Mode): boolean {
  return mode === 'probing' || mode === 'recovering';
}

/**
 * The failures whose feedback the probe and the steps of a braked scope wait for, when nothing else alarmed: whether they are over is
 * known within minutes. Empty when they wait for the harm that shows last.
 */
export function awaited({ mode, alarmed }: Pick<ScopeState, 'mode' | 'alarmed'>): readonly FailureName[] {
  if (!isOnTrial(mode)) return [];
  const failures = failureNames.filter((name) => alarmed.includes(name));
  return failures.length === alarmed.length ? failures : [];
}

/**
 * Messages of a scope that count against its window. Where a probe waits for failures alone, a scope with a window of its own is for all
 * other harm as good as new: `start` messages may be out by the slowest feedback, however fast the failures are known.
 */
export function exposed(policy: Policy, { scope, window }: Pick<ScopeState, 'scope' | 'window'>, out: Out): number {
  const start = startWindow(policy, scope);
  if (start === null || window === null) return unobserved(out);
  return Math.max(unobserved(out), out.sent - out.slowest - Math.max(0, start - window));
}

/** What is remembered of a scope that was never decided about. */
export function initialState(policy: Policy, scope: ScopeId, now: number): ScopeState {
  return {
    scope,
    mode: 'open',
    window: startWindow(policy, scope),
    since: now,
    until: null,
    dwell: policy.dwell_minutes * 60_000,
    cusum: eachSignal(() => 0),
    guard: { failure: { events: 0, exposure: 0 }, refusal: { events: 0, exposure: 0 } },
    counted: [],
    clean: 0,
    alarmed: [],
    proven: 0,
    resumed: null,
    from: null,
    cause: null,
    without: [],
    baseline: null,
  };
}

/** A value for every signal. */
export function eachSignal<T>(of: (name: SignalName) => T): Record<SignalName, T> {
  return {
    undeliverable: of('undeliverable'),
    marketing_limit: of('marketing_limit'),
    platform_block: of('platform_block'),
    other_failure: of('other_failure'),
    opt_out: of('opt_out'),
    complaint: of('complaint'),
    delivery: of('delivery'),
    read: of('read'),
    reply: of('reply'),
    click: of('click'),
  };
}
