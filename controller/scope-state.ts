import type { ScopeState } from './decision.ts';
import { type Policy, type SignalName, signalNames } from './policy.ts';
import { parseScope, type ScopeId } from './scope.ts';

/** The window that a scope begins with; null for scopes that have none: only words, operators and pace bind those. */
export function startWindow(policy: Policy, scope: ScopeId): number | null {
  const kind = parseScope(scope)?.kind;
  if (kind === 'stream') return Math.min(policy.window.start, policy.window.most);
  return kind === 'campaign' ? Math.min(policy.window.campaign_start, policy.window.most) : null;
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
    counted: [],
    clean: 0,
    resumed: null,
    from: null,
    cause: null,
    without: [],
  };
}

/** A value for every signal. */
export function eachSignal<T>(of: (name: SignalName) => T): Record<SignalName, T> {
  const [undeliverable, platform_block, other_failure, opt_out] = signalNames;
  return {
    undeliverable: of(undeliverable),
    platform_block: of(platform_block),
    other_failure: of(other_failure),
    opt_out: of(opt_out),
  };
}
