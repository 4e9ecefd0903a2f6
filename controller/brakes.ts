import type { Reason, ScopeState } from './decision.ts';
import type { Evidence, Override, PlatformWord } from './evidence.ts';
import type { Policy } from './policy.ts';

/** The platform paces a scope when it holds more than this share of what is out; a few held while the others go through are no pacing. */
const heldShare = 0.1;

/** What stands above the detectors at one moment: the operator, the platform, and evidence that cannot be trusted. */
export interface Brakes {
  operatorStop: Override | null;
  platformStop: PlatformWord | null;
  hold: Override | null;
  /** The operator's tightest bounds, and who set them. */
  window: Override | null;
  pace: Override | null;
  /** A `resume` that was not followed yet and was given since the scope has its mode: it does not lift what came after it. */
  resume: string | null;
  /** Why nothing may grow; null when the evidence is fresh and sound. */
  distrust: Reason | null;
  /** False when the counts themselves are not fit to be counted. */
  countable: boolean;
}

/** Reads them from the evidence at a time (ms since 1970). Total: whatever it is given, it answers. */
export function brakesOf(policy: Policy, before: ScopeState, evidence: Evidence, now: number): Brakes {
  const inForce = evidence.overrides.filter(({ until }) => until === null || !(until <= now));
  const resume = inForce.findLast((override) => isNew(override, before));
  const standing = inForce.filter(({ scope }) => scope === evidence.scope);
  const newest = standing.findLast(({ action }) => action === 'pause' || action === 'resume');
  const limits = standing.filter(({ action }) => action === 'limit');
  const words = evidence.words
    .map((word) => ({ ...word, until: endOf(policy, word) }))
    .filter(({ until }) => until === null || !(until <= now));
  const countable = Number.isFinite(now) && isCountable(evidence);
  return {
    operatorStop: newest?.action === 'pause' ? newest : null,
    platformStop: longest(words.filter(({ action, scope }) => action === 'stop' && scope === evidence.scope)),
    hold: standing.findLast(({ action }) => action === 'hold') ?? null,
    window: tightest(limits, 'window'),
    pace: tightest(limits, 'per_second'),
    resume: resume?.override_id ?? null,
    distrust: distrustOf(policy, before, evidence, now, countable, words),
    countable,
  };
}

/** When a word of the platform ends: a number limited for spam (131048) rests for the hours of the policy. */
export function endOf(policy: Policy, { code, at, until }: PlatformWord): number | null {
  return until ?? (code === 'error_131048' ? at + policy.spam_rest_hours * 3_600_000 : null);
}

/** The counts are numbers, none is negative, and times are times. Anything else is a contradiction, never an error. */
function isCountable({ cohorts, out, held, as_of, watermark }: Evidence): boolean {
  const counts = [out.sent, out.matured, out.slowest, held];
  for (const { sent, matured, signals } of cohorts) {
    counts.push(sent, matured);
    for (const { events, exposure } of Object.values(signals)) counts.push(events, exposure);
  }
  return counts.every((count) => Number.isFinite(count) && count >= 0) && [as_of, watermark].every(Number.isFinite);
}

function distrustOf(
  policy: Policy,
  before: ScopeState,
  evidence: Evidence,
  now: number,
  countable: boolean,
  words: readonly PlatformWord[],
): Reason | null {
  const { as_of, watermark, contradictions, seen, permitted } = evidence;
  const bound = policy.stale_seconds * 1000;
  if (!countable) return contradiction('not_a_count');
  if (now < before.since || now < as_of - bound || watermark > as_of) return contradiction('clock_went_back');
  if (contradictions.includes('unpermitted_sends')) return { code: 'unpermitted_sends', numbers: { seen, permitted } };
  if (contradictions[0] !== undefined) return contradiction(contradictions[0]);
  if (now - as_of > bound) return { code: 'evidence_old', numbers: { seconds: Math.round((now - as_of) / 1000) } };
  if (as_of - watermark > bound)
    return { code: 'webhooks_silent', numbers: { minutes: Math.round((as_of - watermark) / 60_000) } };
  const caution = words.find(({ action }) => action === 'no_growth');
  if (caution !== undefined) return { code: 'platform_caution', numbers: { word: caution.code } };
  if (evidence.held > heldShare * evidence.out.sent)
    return { code: 'held_by_pacing', numbers: { held: Math.round(evidence.held) } };
  return evidence.suspected === null ? null : { code: 'suspected', numbers: { guilty: evidence.suspected } };
}

function isNew({ action, override_id, at }: Override, before: ScopeState): boolean {
  return action === 'resume' && override_id !== before.resumed && at >= before.since;
}

function contradiction(what: string): Reason {
  return { code: 'contradiction', numbers: { what } };
}

function tightest(limits: readonly Override[], bound: 'window' | 'per_second'): Override | null {
  return limits.reduce<Override | null>((least, limit) => {
    const value = limit[bound];
    return value !== null && value < (least?.[bound] ?? Number.POSITIVE_INFINITY) ? limit : least;
  }, null);
}

function longest(words: readonly PlatformWord[]): PlatformWord | null {
  const end = ({ until }: PlatformWord) => until ?? Number.POSITIVE_INFINITY;
  return words.reduce<PlatformWord | null>((last, word) => (last === null || end(word) > end(last) ? word : last), null);
}
