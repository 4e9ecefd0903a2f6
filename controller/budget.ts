import { line } from './cusum.ts';
import { guardrailNames, type Policy, type SignalName, signalNames } from './policy.ts';
import { suspectKinds } from './scope.ts';

/**
 * Detectors that one message moves: each signal and each guardrail, in its scope of each kind. However many scopes an account has, a
 * message is in one of each kind, so the scopes of a kind share the account's messages, and with them its false alarms: when each of
 * these detectors has at most one in `messages · shareholders` messages of its own scope, the account has at most one in `messages`.
 */
export const shareholders = suspectKinds.length * (signalNames.length + guardrailNames.length);

/** The alarm line of a signal, nats of evidence: its share of the account's one budget. */
export function lineOf(policy: Policy, signal: SignalName): number {
  return line(policy.detectors[signal], policy.false_alarm_messages, shareholders);
}

/**
 * The line of a guardrail after n observed messages, nats: its e-value alarms at e^h = 4 · messages · shareholders / n.
 *
 * By Ville (1939) an e-process of a rate that is held passes c with chance at most 1/c, ever. Between 2^k and 2^(k+1) messages the
 * e-value alarms above messages · shareholders · 4 / 2^(k+1) at the least, which happens with chance at most 2^(k+1) / (4 · messages ·
 * shareholders); over all k up to the N messages of the scope these add up to at most N / (messages · shareholders).
 */
export function guardrailLine(policy: Policy, n: number): number {
  return Math.max(0, Math.log((4 * policy.false_alarm_messages * shareholders) / Math.max(1, n)));
}
