import { minuteMs } from './control-queries.ts';

/** The young part of the horizon goes back so far where little is sent, ms: all that may still change much is counted at every look. */
export const longestSpanMs = 120 * minuteMs;
/** And so far at the least, and back to the begin of a minute: most failures are told within it. */
const shortestSpanMs = minuteMs / 4;
/** A snapshot should count no more messages anew: less than a tenth of a second of processor time, for which evidence waits. */
export const mostYoungMessages = 50_000;

/**
 * How far back the next young part should go, ms: half as far when this one held too many messages, twice as far when it held so few
 * that twice the span is no risk.
 * @param messages that the young part held
 * @param most that it should hold
 */
export function youngSpan(spanMs: number, messages: number, most: number): number {
  if (messages > most) return Math.max(shortestSpanMs, spanMs / 2);
  return messages < most / 4 ? Math.min(longestSpanMs, spanMs * 2) : spanMs;
}
