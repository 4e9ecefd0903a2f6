import type { Verdict } from './decide.ts';
import type { Decision, Rule } from './decision.ts';
import { signalNames } from './policy.ts';

/** Evidence alone makes a record at most so often a scope; of one without a window, that nobody waits for, less often. */
const restMs = 10_000;
const watchedRestMs = 60_000;

/** Rules between which nothing changes for a sender. */
const sameToSenders: Partial<Record<Rule, Rule>> = { growth: 'steady', alarm: 'recovery' };

/**
 * Whether a decision belongs in the trail: it is the first of its scope, it changes what is allowed, or ten seconds have passed and
 * an event is new, or observed messages are: at least one, and a hundredth of the window. (Opt-outs of a large campaign mature for days,
 * a message every few seconds.) A window that grows counts as evidence: permits can wait for it. Nothing is lost by leaving one out,
 * because counts are taken as differences to the last recorded state.
 */
export function isWorthRecording(last: Decision | undefined, now: Verdict): boolean {
  if (last === undefined || changesAllowed(last, now)) return true;
  return now.at - last.at >= (now.next.window === null ? watchedRestMs : restMs) && hasNews(now);
}

function changesAllowed(last: Decision, now: Verdict): boolean {
  const rule = (rule: Rule) => sameToSenders[rule] ?? rule;
  return (
    last.next.mode !== now.next.mode ||
    rule(last.rule) !== rule(now.rule) ||
    tighter(last.limit, now.limit) ||
    last.per_second !== now.per_second ||
    last.until !== now.until ||
    last.owner !== now.owner ||
    last.policy_hash !== now.policy_hash ||
    last.next.resumed !== now.next.resumed ||
    last.next.without.join() !== now.next.without.join()
  );
}

/** A bound that falls, or that comes or goes, or that opens from nothing. */
function tighter(last: number | null, now: number | null): boolean {
  if (last === null || now === null) return last !== now;
  return now < last || (last === 0 && now > 0);
}

/** Whether events or enough matured messages came since the last recorded decision. */
function hasNews({ before, next }: Verdict): boolean {
  const known = new Map(before.counted.map((day) => [day.day, day]));
  let matured = 0;
  for (const day of next.counted) {
    const was = known.get(day.day);
    if (signalNames.some((name) => day.signals[name].events !== (was?.signals[name].events ?? 0))) return true;
    matured += day.matured - (was?.matured ?? 0);
  }
  return Math.max(matured, next.proven - before.proven) >= Math.max(1, (next.window ?? 0) / 100);
}
