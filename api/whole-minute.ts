/**
 * The minute that an instant (ms since 1970) lies in, by its start. What changes with the clock is answered as of this, so that many who
 * look on ask the same question.
 */
export function wholeMinute(at: number): number {
  return at - (at % 60_000);
}
