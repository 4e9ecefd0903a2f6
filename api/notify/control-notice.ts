import type { Decision } from '../../controller/decision.ts';
import { explain } from '../../controller/explain.ts';
import type { ScopeId } from '../../controller/scope.ts';
import { stateOf } from '../../controller/view.ts';

/** Where a scope stands, as senders are told. Instants are ISO 8601. */
export interface ScopeNotice {
  scope: ScopeId;
  /** `open`, `throttled`, `paused`, `probing`, `recovering`, `stopped`. */
  state: string;
  /** False: send nothing of this scope. */
  may_send: boolean;
  /** In shadow mode nothing is refused. */
  mode: Decision['policy_mode'];
  per_second: number | null;
  rule: Decision['rule'];
  reason: { code: string; sentence: string };
  until: string | null;
  owner: string;
  decision_id: string;
  seq: number;
  decided_at: string;
}

export function scopeNotice(decision: Decision): ScopeNotice {
  const { scope, limit, policy_mode, per_second, rule, reason, until, owner, decision_id, seq, at } = decision;
  return {
    scope,
    state: stateOf(decision),
    may_send: limit !== 0 || policy_mode === 'shadow',
    mode: policy_mode,
    per_second,
    rule,
    reason: { code: reason.code, sentence: explain(decision) },
    until: until === null ? null : new Date(until).toISOString(),
    owner,
    decision_id,
    seq,
    decided_at: new Date(at).toISOString(),
  };
}

/** What senders were told last: a change is told, growth is not. */
export class ToldStates {
  private readonly told = new Map<ScopeId, ScopeNotice>();

  /** The notice of a decision when it changes what a sender must do; null when it does not. */
  changed(decision: Decision): ScopeNotice | null {
    const now = scopeNotice(decision);
    const { scope } = now;
    const before = this.told.get(scope);
    const same =
      before === undefined
        ? now.state === 'open' && now.may_send && now.per_second === null
        : before.state === now.state &&
          before.may_send === now.may_send &&
          before.per_second === now.per_second &&
          before.mode === now.mode &&
          before.until === now.until;
    if (now.state === 'open' && now.may_send && now.per_second === null) this.told.delete(scope);
    else this.told.set(scope, now);
    return same ? null : now;
  }

  /** Everything that is not simply open. */
  all(): ScopeNotice[] {
    return [...this.told.values()].sort((a, b) => a.seq - b.seq);
  }
}
