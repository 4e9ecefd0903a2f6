import { Baselines } from './baseline.ts';
import { decide, type Verdict } from './decide.ts';
import type { Decision, ScopeState } from './decision.ts';
import type { Accusation, Evidence, Override } from './evidence.ts';
import { explain } from './explain.ts';
import { unknownPortfolio } from './ledger.ts';
import type { Limits, ScopeLimit } from './limits.ts';
import { Matcher } from './match.ts';
import type { Policy } from './policy.ts';
import { PolicyBook } from './policy-book.ts';
import { isSuspect, parseScope, type ScopeId, scopeKinds } from './scope.ts';
import { awaited, exposed, initialState, startWindow } from './scope-state.ts';
import type { ControlBooks, ControlSnapshot } from './snapshot.ts';
import { findGuilty, leftOut, Suspicions } from './suspicion.ts';
import { isWorthRecording } from './trail.ts';
import { type ScopeView, stateOf, viewOf } from './view.ts';

/**
 * Runs the rules over all scopes. Synchronous and without I/O: the loop around it reads the counts, makes the decisions durable, and
 * hands the limits to the permits. Its state is the newest decision of each scope, so a restart continues from the log.
 */
export class Controller {
  private readonly latest = new Map<ScopeId, Decision>();
  private readonly policies: PolicyBook;
  private readonly newId: () => string;
  private seq: number;
  /** The newest snapshot, matched; a cache, not state. */
  private reading: { snapshot: ControlSnapshot; matcher: Matcher; evidence: Map<ScopeId, Evidence> } | null = null;
  /** Baselines stay the same for an hour, through all the snapshots of it. */
  private usual: { of: ControlSnapshot['baselines']; baselines: Baselines } | null = null;

  constructor({ policy, books, newId }: { policy: Policy; books: ControlBooks; newId: () => string }) {
    this.policies = new PolicyBook(policy);
    this.newId = newId;
    this.seq = books.seq;
    for (const decision of books.latest) this.latest.set(decision.scope, decision);
  }

  /** The policy of a campaign, or the account's. */
  policyOf(campaign: string | null): Policy {
    return this.policies.of(campaign);
  }

  /** A policy that a decision of this run names. */
  policyByHash(hash: string): Policy | null {
    return this.policies.named(hash);
  }

  /**
   * The decisions that are worth recording now, in the order of their seq; none of them has effect before `accept`. What is braked by
   * its evidence is left out of the sums of all that shares messages with it. When scopes that were open alarm, it is found out who is
   * behind that: the guilty are braked, and those whose alarm they explain begin anew without them.
   */
  propose(snapshot: ControlSnapshot, overrides: readonly Override[], now: number): Decision[] {
    this.policies.read(snapshot.policies);
    const { matcher, evidence } = this.read(snapshot);
    const account = this.policies.of(null);
    const braked = new Map<ScopeId, ScopeState>();
    for (const [scope, { next }] of this.latest) if (isSuspect(scope) && next.mode !== 'open') braked.set(scope, next);
    const suspicions = new Suspicions(matcher, account, braked);
    const verdicts = new Map<ScopeId, Verdict>();
    const judge = (scope: ScopeId, more: { accused?: Accusation | undefined; without?: readonly ScopeId[] } = {}) => {
      const policy = this.policyFor(scope);
      const before = this.latest.get(scope)?.next ?? initialState(policy, scope, now);
      const standing = leftOut(matcher, scope, before.mode === 'open', braked);
      const without = [...new Set([...standing, ...(more.without ?? [])])].sort();
      const suspected = isSuspect(scope) ? suspicions.of(scope) : null;
      const seen = matcher.evidence(scope, {
        ...{ overrides, from: before.from, awaited: awaited(before), without },
        ...{ accused: more.accused ?? null, suspected },
      });
      evidence.set(scope, seen);
      verdicts.set(scope, decide(policy, before, seen, now));
    };
    for (const scope of this.scopes(matcher, snapshot, overrides)) judge(scope);
    const alarms = [...verdicts.values()].filter((verdict) => verdict.rule === 'alarm' && verdict.before.mode === 'open');
    if (alarms.length > 0) {
      const { accused, explained } = findGuilty(matcher, account, alarms, new Set(braked.keys()), now);
      for (const [scope, accusation] of accused) judge(scope, { accused: accusation });
      for (const [scope, without] of explained) judge(scope, { without });
    }
    const decisions: Decision[] = [];
    for (const [scope, verdict] of verdicts) {
      if (isWorthRecording(this.latest.get(scope), verdict)) {
        decisions.push(this.placed(verdict, this.seq + decisions.length + 1));
      }
    }
    return decisions;
  }

  /** Makes durable decisions the state. */
  accept(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      this.latest.set(decision.scope, decision);
      this.seq = Math.max(this.seq, decision.seq);
    }
  }

  /** What the permits go by: the newest accepted decisions, with what is out by this snapshot. */
  limits(snapshot: ControlSnapshot, now: number): Limits {
    const { matcher } = this.read(snapshot);
    const scopes = new Map<ScopeId, ScopeLimit>();
    for (const [scope, decision] of this.latest) {
      const { next } = decision;
      scopes.set(scope, {
        limit: decision.limit,
        unobserved: exposed(this.policyFor(scope), next, matcher.out(scope, next.from, awaited(next))),
        per_second: decision.per_second,
        state: stateOf(decision),
        reason: explain(decision),
        until: decision.until !== null && decision.until > now ? decision.until : null,
        shadow: decision.policy_mode === 'shadow',
      });
    }
    const bound = [...scopes]
      .filter(([scope, { limit }]) => scope.startsWith('market:') && limit !== null)
      .map(([scope]) => scope);
    const markets = new Map<ScopeId, ScopeId[]>();
    for (const scope of bound.length === 0 ? [] : scopes.keys()) {
      const own = scope.startsWith('stream:') ? matcher.marketsOf(scope, bound) : [];
      if (own.length > 0) markets.set(scope, own);
    }
    return {
      markets,
      as_of: snapshot.as_of,
      complete_to: snapshot.complete_to,
      scopes,
      ledgers: new Map(
        snapshot.ledgers.map(({ portfolio_id, people, limit }) => [portfolio_id ?? unknownPortfolio, { people, limit }]),
      ),
      used: new Map(snapshot.used.map(({ permit_id, used }) => [permit_id, used])),
      accounts: new Map(
        snapshot.numbers.map(({ phone_number_id, waba_id, portfolio_id }) => [phone_number_id, { waba_id, portfolio_id }]),
      ),
    };
  }

  /** Every known scope as people see it, widest first. */
  views(): ScopeView[] {
    const views = [...this.latest.values()].map((decision) =>
      viewOf(this.policyFor(decision.scope), decision, this.reading?.evidence.get(decision.scope) ?? decision.evidence),
    );
    const rank = ({ kind }: ScopeView) => scopeKinds.indexOf(kind);
    return views.sort((a, b) => rank(a) - rank(b) || (a.scope < b.scope ? -1 : 1));
  }

  private read(snapshot: ControlSnapshot) {
    if (this.reading?.snapshot !== snapshot) {
      this.reading = { snapshot, matcher: new Matcher(snapshot, this.baselinesOf(snapshot)), evidence: new Map() };
    }
    return this.reading;
  }

  private baselinesOf({ baselines: of }: ControlSnapshot): Baselines {
    if (this.usual === null || this.usual.of !== of) this.usual = { of, baselines: new Baselines(of?.of ?? []) };
    return this.usual.baselines;
  }

  /** Scopes to decide about: seen in the counts, spoken of by the platform or an operator, or not at rest; streams first. */
  private scopes(matcher: Matcher, snapshot: ControlSnapshot, overrides: readonly Override[]): ScopeId[] {
    const scopes = new Set([
      ...matcher.known(),
      ...snapshot.words.map(({ scope }) => scope),
      ...overrides.map(({ scope }) => scope),
    ]);
    for (const [scope, decision] of this.latest) if (!this.rests(decision)) scopes.add(scope);
    const known = [...scopes].filter((scope) => parseScope(scope) !== null);
    const rank = (scope: ScopeId) => -scopeKinds.findIndex((kind) => scope.startsWith(`${kind}:`));
    return known.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }

  private rests({ scope, rule, next }: Decision): boolean {
    const small = next.window === null || next.window <= (startWindow(this.policyFor(scope), scope) ?? 0);
    return next.mode === 'open' && small && (rule === 'steady' || rule === 'growth');
  }

  private policyFor(scope: ScopeId): Policy {
    const { kind, values } = parseScope(scope) ?? {};
    const ofCampaign = kind === 'campaign' || kind === 'variant' || kind === 'stream';
    return this.policies.of(ofCampaign ? (values?.[0] ?? null) : null);
  }

  private placed(verdict: Verdict, seq: number): Decision {
    return { decision_id: this.newId(), seq, ...verdict };
  }
}
