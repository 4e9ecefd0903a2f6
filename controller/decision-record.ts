import type { Decision, ScopeState } from './decision.ts';
import type { CohortDay, Out, Signal } from './evidence.ts';
import type { SignalName } from './policy.ts';
import { eachSignal } from './scope-state.ts';

/** A decision as any version wrote it: what a later one added may be missing. */
type Written = Omit<Decision, 'before' | 'next' | 'evidence'> & {
  before: Partial<ScopeState> & Pick<ScopeState, 'scope'>;
  next: Partial<ScopeState> & Pick<ScopeState, 'scope'>;
  evidence: Partial<Omit<Decision['evidence'], 'out'>> & { out?: Partial<Out> };
};

const nothing = { held: 0, novel: false, accused: null, suspected: null, baseline: null };

/** Reads a stored decision. What it does not know of has not happened: nothing was held, nobody accused, no sum begun. */
export function readDecision(json: string): Decision {
  const written = JSON.parse(json) as Written;
  const { evidence } = written;
  return {
    ...(written as Decision),
    before: whole(written.before as ScopeState),
    next: whole(written.next as ScopeState),
    evidence: {
      ...nothing,
      ...(evidence as Decision['evidence']),
      out: { since: null, sent: 0, matured: 0, slowest: evidence.out?.matured ?? 0, ...evidence.out },
      cohorts: (evidence.cohorts ?? []).map((day) => ({ ...day, signals: allSignals(day.signals) })),
    },
  };
}

function whole(state: ScopeState): ScopeState {
  const none: Signal = { events: 0, exposure: 0 };
  return {
    ...state,
    alarmed: (state.alarmed as ScopeState['alarmed'] | undefined) ?? [],
    proven: (state.proven as number | undefined) ?? 0,
    baseline: (state.baseline as string | null | undefined) ?? null,
    guard: (state.guard as ScopeState['guard'] | undefined) ?? { failure: none, refusal: none },
    cusum: { ...eachSignal(() => 0), ...state.cusum },
    counted: state.counted.map((day) => ({ ...day, signals: allSignals(day.signals) })),
  };
}

function allSignals(signals: Partial<Record<SignalName, Signal>>): CohortDay['signals'] {
  return { ...eachSignal(() => ({ events: 0, exposure: 0 })), ...signals };
}
