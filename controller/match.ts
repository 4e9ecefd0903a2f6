import { Baselines, type UsualOfStream } from './baseline.ts';
import { type Curve, type CurveName, curveBook } from './delay-curve.ts';
import type { Accusation, CohortDay, Evidence, Out, Override } from './evidence.ts';
import { exceeds, exposuresOf } from './exposure.ts';
import type { Cell } from './localise.ts';
import { push } from './multimap.ts';
import { type FailureName, type HarmName, harmNames, type ShortfallName, shortfallNames, signalNames } from './policy.ts';
import { isSuspect, parseScope, type ScopeId, scopeId } from './scope.ts';
import { eachSignal } from './scope-state.ts';
import type { CohortRow, ControlSnapshot, NumberRow } from './snapshot.ts';
import { dueShare, failuresOf, groupSpan, watermarkOf } from './watermark.ts';

const dayMs = 86_400_000;

/** What is missing is judged so much later than it was due: a flood after a silence comes in no order. */
const patienceMs = 30 * 60_000;

/** So many records behind, the counts cannot be trusted: about twenty seconds of a full-speed log. */
const mostLag = 100_000;

/** What the controller knows beside the snapshot when it asks for evidence. */
export interface Asked {
  overrides: readonly Override[];
  /** When the newest probe of a scope began; null when nothing that was sent before it is left. */
  from: number | null;
  /** The failures that the probe waits for; none: it waits for the harm that shows last. */
  awaited?: readonly FailureName[];
  /** Guilty scopes whose messages are left out of the signals. */
  without: readonly ScopeId[];
  accused?: Accusation | null;
  suspected?: ScopeId | null;
}

/**
 * Counts matched with what is due by now, scope by scope. For each signal the events so far stand against Σ F(age at the watermark),
 * F the signal's own delay curve, so that a young message counts by the share of its feedback that should be here.
 *
 * `matured`, by which windows grow and drain, goes by the opt-out curve: the harm that shows last. A window that grew on quick failures
 * alone would let a list of reachable, annoyed people through before the first of them had read. Only what is out since a probe that
 * failures alone made necessary matures with these.
 *
 * Two facts about failures keep exposure honest when webhooks run faster than the curve: who is delivered to cannot fail any more, and
 * who failed has. So their exposure is never less than the messages with either end; only failure-free ones can bring an opt-out.
 */
export class Matcher {
  private readonly curves: (name: CurveName, category: string | null) => Curve;
  private readonly watermarks = new Map<string | null, number>();
  private readonly shares = new Map<string, Shares>();
  /** Rows are thousands, addresses dozens: all of one address is added up once. */
  private readonly addresses = new Map<string, Place>();
  private readonly places = new Map<ScopeId, Place[]>();
  private readonly near = new Map<ScopeId, ReadonlySet<ScopeId>>();
  private readonly numbers: ReadonlyMap<string, NumberRow>;
  private readonly suspects = new Map<string, string>();
  private readonly established: ReadonlySet<string> | null;

  /** @param baselines those of the snapshot: the same ones serve many snapshots */
  constructor(
    private readonly snapshot: ControlSnapshot,
    private readonly baselines: Baselines = new Baselines(snapshot.baselines?.of ?? []),
  ) {
    this.curves = curveBook(snapshot.curves);
    this.established = snapshot.established === null ? null : new Set(snapshot.established);
    this.numbers = new Map(snapshot.numbers.map((row) => [row.phone_number_id, row]));
    const byNumber = new Map<string | null, CohortRow[]>();
    for (const row of snapshot.cohorts) push(byNumber, row.phone_number_id, row);
    for (const [number, rows] of byNumber) {
      const newest = number === null ? null : (this.numbers.get(number)?.last_feedback_at ?? null);
      this.watermarks.set(
        number,
        watermarkOf(rows, newest, (category) => this.curves('any', category), snapshot.as_of),
      );
    }
    for (const row of snapshot.cohorts) this.add(row);
    for (const row of snapshot.numbers) if (isUnpermitted(row)) this.suspects.set(row.phone_number_id, 'unpermitted_sends');
  }

  /** Everything with detectors that the snapshot counts messages of, its numbers, and what has no history. */
  known(): ScopeId[] {
    const counted = [...this.places.keys()].filter((scope) => isSuspect(scope) || this.isNovel(scope));
    return [...new Set([...counted, ...this.snapshot.numbers.map((row) => scopeId('number', row.phone_number_id))])];
  }

  /** The scopes that one has messages in common with, itself among them if it has any. */
  neighbours(scope: ScopeId): ReadonlySet<ScopeId> {
    const known = this.near.get(scope);
    if (known !== undefined) return known;
    const near = new Set((this.places.get(scope) ?? []).flatMap(({ scopes }) => scopes));
    this.near.set(scope, near);
    return near;
  }

  /** Whether two scopes have messages in common. */
  share(one: ScopeId, other: ScopeId): boolean {
    return this.neighbours(one).has(other);
  }

  /** Whether every message of one scope is of the other, too. */
  within(inner: ScopeId, outer: ScopeId): boolean {
    return this.places.get(inner)?.every(({ scopes }) => scopes.includes(outer)) ?? false;
  }

  /** Messages of a scope that were sent since then and whose feedback on a signal is due, without those of another scope. */
  observed(scope: ScopeId, without: ScopeId, signal: HarmName, since: number): number {
    let exposure = 0;
    for (const { scopes, entries } of this.places.get(scope) ?? []) {
      if (scopes.includes(without)) continue;
      for (const { row, exposures } of entries) if (row.sent_at >= since) exposure += exposures[signal];
    }
    return exposure;
  }

  /** The harm in messages sent since then, by everything that they belong to: what the guilty are told apart by. Without what is braked. */
  cells(signal: HarmName, since: number, braked: ReadonlySet<ScopeId>): Cell[] {
    return [...this.addresses.values()].flatMap(({ scopes, entries }) => {
      if (scopes.some((scope) => braked.has(scope))) return [];
      const cell = { scopes: scopes.filter(isSuspect), events: 0, exposure: 0 };
      for (const { row, exposures } of entries) {
        if (row.sent_at < since) continue;
        cell.events += row.events[signal];
        cell.exposure += exposures[signal];
      }
      return [cell];
    });
  }

  /** The markets, of these, in which a stream has sent: whoever does not say where to may mean any of them. */
  marketsOf(stream: ScopeId, markets: readonly ScopeId[]): ScopeId[] {
    return markets.filter((market) => this.share(stream, market));
  }

  private isNovel(scope: ScopeId): boolean {
    return this.established !== null && /^(template|number|portfolio):/.test(scope) && !this.established.has(scope);
  }

  /** Everything that is known of one scope. */
  evidence(scope: ScopeId, { overrides, from, awaited = [], without, accused = null, suspected = null }: Asked): Evidence {
    const places = this.places.get(scope) ?? [];
    const kind = parseScope(scope)?.kind;
    const days = new Map<number, CohortDay>();
    const watermark = places.reduce((first, place) => Math.min(first, place.watermark), this.watermarkOfNumber(scope));
    const contradictions = new Set<string>();
    // What is usual is known by stream: of a market with its own nights and habits it says nothing.
    const names = kind === 'market' ? harmNames : signalNames;
    let held = 0;
    for (const place of places) {
      held += place.held;
      if (place.exceeds) contradictions.add('more_feedback_than_messages');
      // What a guilty scope sends earns nobody room.
      const left = without.length > 0 && place.scopes.some((other) => other !== scope && without.includes(other));
      for (const [number, of] of place.days) {
        const day = dayOf(days, number);
        day.sent += of.sent;
        if (left) continue;
        day.matured += of.matured;
        for (const name of names) {
          day.signals[name].events += of.signals[name].events;
          day.signals[name].exposure += of.signals[name].exposure;
        }
      }
    }
    const numbers = this.numbersOf(scope, places);
    for (const number of numbers) {
      const suspect = this.suspects.get(number);
      if (suspect !== undefined) contradictions.add(suspect);
    }
    if (this.snapshot.lag > mostLag) contradictions.add('log_behind');
    const own = kind === 'number' ? this.numbers.get(numbers[0] ?? '') : undefined;
    return {
      scope,
      as_of: this.snapshot.as_of,
      watermark,
      cohorts: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
      out: this.out(scope, from, awaited),
      without,
      held,
      novel: this.isNovel(scope),
      accused,
      suspected,
      baseline: this.snapshot.baselines?.name ?? null,
      seen: own?.seen ?? 0,
      permitted: own?.permitted ?? 0,
      words: this.wordsFor(scope, places, numbers),
      overrides: overrides.filter((override) => override.scope === scope || lifts(override, scope)),
      contradictions: [...contradictions].sort(),
    };
  }

  private addShortfalls(day: CohortDay, row: CohortRow, usual: UsualOfStream): void {
    const trials = { delivery: row.sent - failuresOf(row), read: row.delivered, reply: row.delivered, click: row.delivered };
    const events: Record<ShortfallName, number> = {
      delivery: row.delivered,
      read: row.read,
      reply: row.replied,
      click: row.clicked,
    };
    for (const name of shortfallNames) {
      const share = usual.expected(row, name, this.snapshot.as_of, this.knownUntil(row) - patienceMs);
      if (share === null) continue;
      day.signals[name].events += events[name];
      day.signals[name].exposure += Math.max(0, trials[name]) * share;
    }
  }

  /** Messages of a scope that are out, since a probe began if one did. */
  out(scope: ScopeId, from: number | null, awaited: readonly FailureName[]): Out {
    const out = { since: from, sent: 0, matured: 0, slowest: 0 };
    for (const place of this.places.get(scope) ?? []) {
      if (from === null) {
        out.sent += place.sent + place.held;
        out.matured += place.matured;
        out.slowest += place.matured;
        continue;
      }
      for (const { row, matured, exposures } of place.entries) {
        if (row.sent_at + groupSpan(row.sent_at, this.snapshot.as_of) <= from) continue;
        out.sent += row.sent + row.held;
        out.matured += awaited.length === 0 ? matured : Math.min(...awaited.map((name) => exposures[name]));
        out.slowest += matured;
      }
    }
    return out;
  }

  /** The words about the scope itself, and for streams and campaigns the cautions about the numbers and templates they use. */
  private wordsFor(scope: ScopeId, places: readonly Place[], numbers: readonly string[]) {
    if (this.snapshot.words.length === 0) return [];
    const used = new Set(numbers.map((number) => scopeId('number', number)));
    for (const { scopes } of places) for (const one of scopes) if (one.startsWith('template:')) used.add(one);
    const windowed = isSuspect(scope);
    return this.snapshot.words.filter(
      (word) => word.scope === scope || (windowed && word.action === 'no_growth' && used.has(word.scope)),
    );
  }

  private numbersOf(scope: ScopeId, places: readonly Place[]): string[] {
    const { kind, values } = parseScope(scope) ?? {};
    if (kind === 'number') return values?.[0] == null ? [] : [values[0]];
    if (kind === undefined || !isSuspect(scope)) return [];
    const numbers = new Set<string>();
    for (const { number } of places) if (number !== null) numbers.add(number);
    return [...numbers];
  }

  /** Counts a row where it belongs. */
  private add(row: CohortRow): void {
    const place = this.placeOf(row);
    const shares = this.sharesAt(row);
    const exposures = exposuresOf(row, shares.signals);
    const matured = row.sent * shares.matured;
    place.entries.push({ row, matured, exposures });
    place.sent += row.sent;
    place.held += row.held;
    place.matured += matured;
    place.exceeds ||= exceeds(row);
    const number = Math.floor(row.sent_at / dayMs);
    if (number < Math.floor(this.snapshot.as_of / dayMs) - 2) return;
    const day = dayOf(place.days, number);
    day.sent += row.sent;
    day.matured += matured;
    for (const name of harmNames) {
      day.signals[name].events += row.events[name];
      day.signals[name].exposure += exposures[name];
    }
    if (place.usual !== null) this.addShortfalls(day, row, place.usual);
  }

  private placeOf(row: CohortRow): Place {
    const { campaign_id, template_name, segment_id, variant_id, market, phone_number_id } = row;
    const key = `${campaign_id}\n${template_name}\n${segment_id}\n${variant_id}\n${market}\n${phone_number_id}`;
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    const number = row.phone_number_id === null ? undefined : this.numbers.get(row.phone_number_id);
    const scopes = [
      streamOf(row),
      ...(row.campaign_id === null ? [] : [scopeId('campaign', row.campaign_id)]),
      ...(campaign_id === null || variant_id === null ? [] : [scopeId('variant', campaign_id, variant_id)]),
      ...(row.segment_id === null ? [] : [scopeId('segment', row.segment_id)]),
      ...(market === null ? [] : [scopeId('market', market)]),
      ...(row.template_name === null ? [] : [scopeId('template', row.template_name)]),
      ...(row.phone_number_id === null ? [] : [scopeId('number', row.phone_number_id)]),
      ...(number?.waba_id == null ? [] : [scopeId('waba', number.waba_id)]),
      ...(number?.portfolio_id == null ? [] : [scopeId('portfolio', number.portfolio_id)]),
    ];
    const place: Place = {
      scopes,
      number: phone_number_id,
      watermark: this.watermark(row),
      usual: this.baselines.of(row),
      entries: [],
      days: new Map(),
      sent: 0,
      held: 0,
      matured: 0,
      exceeds: false,
    };
    this.addresses.set(key, place);
    for (const scope of scopes) push(this.places, scope, place);
    return place;
  }

  private watermark(row: CohortRow): number {
    return this.watermarks.get(row.phone_number_id) ?? this.snapshot.as_of;
  }

  /** Up to when the events of a group are in its counts. */
  private knownUntil(row: CohortRow): number {
    return Math.min(this.watermark(row), row.counted_at ?? this.snapshot.as_of);
  }

  private watermarkOfNumber(scope: ScopeId): number {
    const { kind, values } = parseScope(scope) ?? {};
    return (kind === 'number' ? this.watermarks.get(values?.[0] ?? null) : undefined) ?? this.snapshot.as_of;
  }

  /** Shares due by the time that the counts are of; the same for all rows of one number, category and time. */
  private sharesAt(row: CohortRow): Shares {
    const key = `${row.phone_number_id} ${row.category} ${row.sent_at} ${row.counted_at}`;
    const known = this.shares.get(key);
    if (known !== undefined) return known;
    const due = (name: CurveName) =>
      dueShare(this.curves(name, row.category), row.sent_at, this.snapshot.as_of, this.knownUntil(row));
    const signals = {
      undeliverable: due('undeliverable'),
      marketing_limit: due('marketing_limit'),
      platform_block: due('platform_block'),
      other_failure: due('other_failure'),
      opt_out: due('opt_out'),
      complaint: due('complaint'),
    };
    const shares = { signals, matured: signals.opt_out };
    this.shares.set(key, shares);
    return shares;
  }
}

interface Shares {
  signals: Record<HarmName, number>;
  matured: number;
}

/** A group of messages, and its trials of each harm so far. */
interface Entry {
  row: CohortRow;
  matured: number;
  exposures: Record<HarmName, number>;
}

/** All groups of one address, added up: what belongs to exactly the same scopes. */
interface Place {
  scopes: readonly ScopeId[];
  number: string | null;
  watermark: number;
  usual: UsualOfStream | null;
  entries: Entry[];
  /** By the day since 1970, the newest three. */
  days: Map<number, CohortDay>;
  sent: number;
  held: number;
  matured: number;
  exceeds: boolean;
}

/** More messages in the webhooks of a number that uses permits than rights were granted for, beyond 1 % or 5 for lost answers. */
export function isUnpermitted({ seen, permitted }: { seen: number; permitted: number }): boolean {
  return permitted > 0 && seen > permitted + Math.max(5, permitted / 100);
}

function streamOf(row: CohortRow): ScopeId {
  return scopeId('stream', row.campaign_id, row.template_name, row.segment_id);
}

/** Who resumes a campaign resumes its streams. */
function lifts({ action, scope }: Override, stream: ScopeId): boolean {
  return action === 'resume' && scope.startsWith('campaign:') && stream.startsWith(`stream:${scope.slice('campaign:'.length)}/`);
}

function dayOf(days: Map<number, CohortDay>, number: number): CohortDay {
  const known = days.get(number);
  if (known !== undefined) return known;
  const day = new Date(number * dayMs).toISOString().slice(0, 10);
  const fresh: CohortDay = { day, sent: 0, matured: 0, signals: eachSignal(() => ({ events: 0, exposure: 0 })) };
  days.set(number, fresh);
  return fresh;
}
