import type { Rates } from './cusum.ts';
import { push } from './multimap.ts';
import { parseScope, type ScopeId, suspectKinds } from './scope.ts';

/** What was counted of messages that belong to the same scopes: events, and the messages whose feedback is due. */
export interface Cell {
  scopes: readonly ScopeId[];
  events: number;
  exposure: number;
}

/** A scope that explains the evidence. */
export interface Guilty {
  scope: ScopeId;
  events: number;
  exposure: number;
  /** Nats by which it explains its messages better than the accepted rate does. */
  gain: number;
  /** Scopes that explain it about as well, and could not be told apart from it. */
  suspects: readonly ScopeId[];
}

/** The scopes that together explain the evidence best, and how well: nats over "all is healthy", what naming them costs taken off. */
export interface Cover {
  guilty: readonly Guilty[];
  score: number;
}

/** An explanation that is less than e³ ≈ 20 times as likely as another one is not told apart from it. */
const tellApart = 3;
/** So many first suspects are followed up, and so many scopes named at most. */
const beam = 8;
const mostNames = 6;

/**
 * The narrowest scopes that explain where the harm is. Pure.
 *
 * A cover names scopes; each message belongs to the first named scope that has it, and all messages of a name share one rate, those of
 * no name have at most the accepted rate a. With X events in E observed messages of a name and r = max(a, X / E), the name explains them
 * better than a does by the Poisson log-likelihood ratio (Kulldorff's scan statistic, Communications in Statistics 26 (1997) 1481, held
 * against a known rate)
 *
 *     G = X · ln(r / a) − (r − a) · E
 *
 * and costs ln(m) + ½ · ln(1 + N): which of the m candidates it is, and the rate that it fits, with N events in all (Rissanen 1978;
 * Schwarz 1978). A wide scope with innocent messages in it pays by its diluted rate, many narrow ones pay for each name: the highest sum
 * of G less costs wins. Covers are built from each of the eight strongest scopes by adding the scope that gains most on what is left.
 *
 * Where another scope in place of a named one would score less than 3 nats lower, the evidence cannot tell them apart: the one with the
 * fewest messages is taken, of equals the narrowest kind, and the others are its suspects.
 */
export function localise(cells: readonly Cell[], { accept }: Pick<Rates, 'accept'>): Cover {
  const members = new Map<ScopeId, number[]>();
  cells.forEach(({ scopes }, i) => {
    for (const scope of scopes) push(members, scope, i);
  });
  const sums = (scope: ScopeId, taken: ReadonlySet<number>) => {
    const sum = { events: 0, exposure: 0 };
    for (const i of members.get(scope) ?? []) {
      if (taken.has(i)) continue;
      sum.events += cells[i]?.events ?? 0;
      sum.exposure += cells[i]?.exposure ?? 0;
    }
    return sum;
  };
  const gainOf = (scope: ScopeId, taken: ReadonlySet<number>) => explained(sums(scope, taken), accept);
  const nothing: ReadonlySet<number> = new Set();
  const candidates = [...members.keys()]
    .map((scope) => ({ scope, gain: gainOf(scope, nothing) }))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain || narrower(a.scope, b.scope));
  const events = cells.reduce((sum, cell) => sum + cell.events, 0);
  const cost = Math.log(Math.max(1, candidates.length)) + Math.log(1 + Math.max(0, events)) / 2;
  const take = (scope: ScopeId, taken: Set<number>) => {
    for (const i of members.get(scope) ?? []) taken.add(i);
  };
  const scoreOf = (names: readonly ScopeId[]) => {
    const taken = new Set<number>();
    let score = 0;
    for (const scope of names) {
      score += gainOf(scope, taken) - cost;
      take(scope, taken);
    }
    return score;
  };

  let best: { names: ScopeId[]; score: number } = { names: [], score: 0 };
  for (const { scope: first } of candidates.slice(0, beam)) {
    const names = [first];
    const taken = new Set<number>();
    take(first, taken);
    while (names.length < mostNames) {
      const next = candidates.reduce<{ scope: ScopeId; gain: number } | null>((most, { scope }) => {
        const gain = gainOf(scope, taken);
        return gain > cost && gain > (most?.gain ?? 0) + 1e-9 ? { scope, gain } : most;
      }, null);
      if (next === null) break;
      names.push(next.scope);
      take(next.scope, taken);
    }
    const score = scoreOf(names);
    if (score > best.score + 1e-9) best = { names, score };
  }

  const size = (scope: ScopeId) => sums(scope, nothing).exposure;
  const names = [...best.names];
  const suspects = names.map((named, place) => {
    const alike = candidates
      .map(({ scope }) => scope)
      .filter((scope) => !names.includes(scope) && scoreOf(names.with(place, scope)) >= best.score - tellApart)
      .concat(named)
      .sort((a, b) => size(a) - size(b) || narrower(a, b));
    names[place] = alike[0] ?? named;
    return alike.slice(1);
  });
  const taken = new Set<number>();
  const guilty = names.map((scope, place): Guilty => {
    const sum = sums(scope, taken);
    take(scope, taken);
    return { scope, ...sum, gain: explained(sum, accept), suspects: suspects[place] ?? [] };
  });
  return { guilty, score: best.score };
}

/** G of the formula, nats. */
function explained({ events, exposure }: { events: number; exposure: number }, accept: number): number {
  const trials = Math.max(exposure, events);
  const rate = trials > 0 ? events / trials : 0;
  return rate > accept ? events * Math.log(rate / accept) - (rate - accept) * trials : 0;
}

function narrower(a: ScopeId, b: ScopeId): number {
  const kinds: readonly (string | undefined)[] = suspectKinds;
  const rank = (scope: ScopeId) => kinds.indexOf(parseScope(scope)?.kind);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
