/** What a detector tells apart: events per unit of exposure that are healthy, and that must be caught. Of a shortfall `reject` is the lower. */
export interface Rates {
  accept: number;
  reject: number;
}

/**
 * One step of the Poisson CUSUM in exposure time (Page 1954; for counting processes Moustakides 1986 shows it optimal in Lorden's
 * sense): the log-likelihood ratio of `reject` against `accept`, cut at nothing below.
 *
 *     S' = max(0, S + events · ln(reject / accept) − (reject − accept) · exposure)
 *
 * `sum` and the answer are nats of evidence, `events` counts what came, `exposure` the messages whose feedback was due (Σ F(age)).
 * Events taken back (a failure that proves delivered) count negative.
 */
export function step(sum: number, { accept, reject }: Rates, events: number, exposure: number): number {
  return Math.max(0, sum + events * Math.log(reject / accept) - (reject - accept) * exposure);
}

/**
 * The line at which a detector alarms, from the budget: on average at most one false alarm in `messages` observed messages at the
 * accepted rate, over `detectors` of them together.
 *
 * Harm (reject above accept): S leaves 0 only at an event. There the likelihood ratio stands at reject/accept and is a martingale until
 * it falls back to 1 or reaches e^h, so a cycle ends in an alarm with chance at most (reject/accept − 1) / (e^h − 1) (Wald; Lorden 1971
 * for the run length). Cycles begin at most once in 1/accept messages, hence E[messages to a false alarm] ≥ (e^h − 1) / (reject − accept).
 *
 * Shortfall (reject below accept): S creeps up between events and falls at each one. A cycle begins at an event with the ratio at 1 and
 * ends in an alarm with chance at most e^−h; a message brings one event at the most, hence E[messages to a false alarm] ≥ e^h − 1.
 *
 *     h = ln(1 + messages · detectors · (reject − accept)),   of a shortfall  h = ln(1 + messages · detectors)
 */
export function line({ accept, reject }: Rates, messages: number, detectors: number): number {
  return Math.log(1 + messages * detectors * (reject > accept ? reject - accept : 1));
}

/** The head start after an alarm: half the line, so that what goes wrong again is seen in half the time (Lucas & Crosier 1982). */
export function headStart(h: number): number {
  return h / 2;
}
