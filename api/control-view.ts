import type { Decision } from '../controller/decision.ts';
import type { Override } from '../controller/evidence.ts';
import { type ExplainLanguage, explain } from '../controller/explain.ts';
import { parseScope, type ScopeId, scopeId } from '../controller/scope.ts';
import { startWindow } from '../controller/scope-state.ts';
import type { ScopeView } from '../controller/view.ts';
import { SluiceError } from '../sql/errors.ts';
import type { ControlLoop } from './control-loop.ts';
import type {
  AlarmAnswer,
  ControlAnswer,
  DecisionAnswer,
  DecisionRecord,
  OverrideView,
  ScopeStateAnswer,
} from './control-schema.ts';
import { campaignOf } from './control-scope.ts';

/** What the loop knows, as the API and the pages give it. */
export type ControlRoom = Pick<ControlLoop, 'brain' | 'book' | 'counted' | 'inForce' | 'health' | 'mode'>;

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null || !Number.isFinite(at) ? null : iso(at));

/** Everything on one page: how the controller is, what needs a look, and every scope. */
export function controlAnswer(room: ControlRoom, language: ExplainLanguage, now: number): ControlAnswer {
  const { state, last_tick_at, snapshot_at, snapshot_ms, lag, ticks, failures } = room.health();
  const views = viewsOf(room);
  return {
    controller: {
      state,
      mode: room.mode,
      last_tick_at: isoOrNull(last_tick_at),
      snapshot_at: isoOrNull(snapshot_at),
      snapshot_age_seconds: snapshot_at === null ? null : Math.max(0, now - snapshot_at) / 1000,
      snapshot_ms,
      lag_records: lag,
      ticks,
      failures,
    },
    alarms: alarmsOf(views, language),
    scopes: views.map((view) => scopeAnswer(view, room, language)),
    ledgers: room.counted?.ledgers ?? [],
    overrides: room.inForce().map(overrideAnswer),
  };
}

/** Scopes that are braked first, then by kind and name. */
function viewsOf({ brain }: ControlRoom): ScopeView[] {
  const order = ['portfolio', 'waba', 'number', 'campaign', 'variant', 'stream', 'segment', 'template'];
  const rank = ({ state, kind }: ScopeView) => (state === 'open' ? 100 : 0) + order.indexOf(kind);
  return [...(brain?.views() ?? [])].sort((a, b) => rank(a) - rank(b) || (a.scope < b.scope ? -1 : 1));
}

/** One scope; null when the controller has nothing on it, and then nothing binds it but what a new one begins with. */
export function scopeOf(room: ControlRoom, scope: ScopeId, language: ExplainLanguage): ScopeStateAnswer | null {
  const view = room.brain?.views().find((one) => one.scope === scope);
  return view === undefined ? null : scopeAnswer(view, room, language);
}

function scopeAnswer(view: ScopeView, { book }: Pick<ControlRoom, 'book'>, language: ExplainLanguage): ScopeStateAnswer {
  const { scope, kind, state, shadow, limit, unobserved, per_second, rule, reason, since, until, owner, detectors } = view;
  const said = { at: view.at, policy_mode: shadow ? ('shadow' as const) : ('enforce' as const), reason, until };
  return {
    scope,
    kind,
    state,
    mode: said.policy_mode,
    window: { allowed: limit, used: unobserved, leased: book?.outstanding(scope) ?? 0 },
    per_second,
    rule,
    reason: { ...reason, sentence: explain(said, language) },
    since: iso(since),
    until: isoOrNull(until),
    owner,
    evidence: {
      as_of: iso(view.as_of),
      watermark: iso(view.watermark),
      sent: view.sent,
      matured: view.matured,
      detectors: detectors.map(({ signal, events, exposure, accept, reject, sum, line, posterior }) => ({
        signal,
        events,
        observed: exposure,
        expected: accept * exposure,
        accept,
        reject,
        sum,
        threshold: line,
        posterior,
      })),
      words: view.words.map(({ code, action, at, until: end }) => ({ code, action, at: iso(at), until: isoOrNull(end) })),
    },
  };
}

/** Where a scope stands that nothing was decided about: as new. */
export function stateOrNew(room: ControlRoom, scope: ScopeId, language: ExplainLanguage, now: number): ScopeStateAnswer {
  const known = scopeOf(room, scope, language);
  if (known !== null) return known;
  if (room.brain === null) throw new SluiceError('control_starting');
  const policy = room.brain.policyOf(campaignOf(scope));
  const window = startWindow(policy, scope);
  const reason = window === null ? { code: 'no_window', numbers: {} } : { code: 'new', numbers: { window } };
  return {
    scope,
    kind: parseScope(scope)?.kind ?? 'stream',
    state: 'open',
    mode: policy.mode,
    window: { allowed: window, used: 0, leased: room.book?.outstanding(scope) ?? 0 },
    per_second: null,
    rule: 'steady',
    reason: { ...reason, sentence: explain({ at: now, policy_mode: policy.mode, reason, until: null }, language) },
    since: null,
    until: null,
    owner: 'controller',
    evidence: null,
  };
}

/** The scopes of a campaign, beside itself, that are not open. */
export function brakedWithin(room: ControlRoom, scope: ScopeId, language: ExplainLanguage): ScopeStateAnswer[] {
  const campaign = parseScope(scope)?.kind === 'campaign' ? campaignOf(scope) : null;
  if (campaign === null) return [];
  return viewsOf(room)
    .filter((view) => view.scope !== scope && view.state !== 'open' && campaignOf(view.scope) === campaign)
    .map((view) => scopeAnswer(view, room, language));
}

/** Where a campaign stands: what is braked of it, the tightest first, else itself; null when the controller has nothing on it. */
export function campaignBrake(room: ControlRoom, campaign: string, language: ExplainLanguage): ScopeStateAnswer | null {
  const scope = scopeId('campaign', campaign);
  const own = scopeOf(room, scope, language);
  const [within] = brakedWithin(room, scope, language).sort((a, b) => (a.window.allowed ?? 0) - (b.window.allowed ?? 0));
  return own !== null && own.state !== 'open' ? own : (within ?? own);
}

/** What somebody should look at. The same trouble of one number shows on everything that it sends: it is told once, with the scopes. */
function alarmsOf(views: readonly ScopeView[], language: ExplainLanguage): AlarmAnswer[] {
  const found = new Map<string, AlarmAnswer>();
  for (const view of views) {
    for (const reason of view.alarms) {
      if (reason.code === 'unpermitted_sends' && view.kind !== 'number') continue;
      const ownOnly = reason.code.startsWith('alarm_') || reason.code === 'unpermitted_sends';
      const key = ownOnly ? `${reason.code} ${view.scope}` : reason.code;
      const known = found.get(key);
      if (known !== undefined) {
        known.scopes.push(view.scope);
        continue;
      }
      const said = {
        at: view.at,
        policy_mode: view.shadow ? ('shadow' as const) : ('enforce' as const),
        reason,
        until: view.until,
      };
      found.set(key, { code: reason.code, scopes: [view.scope], sentence: explain(said, language) });
    }
  }
  return [...found.values()];
}

export function overrideAnswer({
  override_id,
  scope,
  action,
  window,
  per_second,
  reason,
  actor,
  at,
  until,
}: Override): OverrideView {
  return { override_id, scope, action, window, per_second, reason, actor, at: iso(at), until: isoOrNull(until) };
}

export function decisionAnswer(decision: Decision, language: ExplainLanguage): DecisionAnswer {
  const { decision_id, seq, scope, at, policy_mode, policy_hash, rule, limit, per_second, reason, until, owner, before, next } =
    decision;
  return {
    decision_id,
    seq,
    scope,
    at: iso(at),
    mode: policy_mode,
    policy_hash,
    rule,
    limit,
    per_second,
    reason: { ...reason, sentence: explain(decision, language) },
    until: isoOrNull(until),
    owner,
    from: before.mode,
    to: next.mode,
  };
}

/** The decision with all that it saw, as it is stored: times inside are milliseconds since 1970. */
export function decisionRecord(decision: Decision, language: ExplainLanguage): DecisionRecord {
  const { before, evidence, next } = decision;
  return { ...decisionAnswer(decision, language), record: { before, evidence, next } };
}
