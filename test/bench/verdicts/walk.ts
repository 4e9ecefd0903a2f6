/**
 * Looking after every single unit, exactly: the chance that a count of events among n = 1, 2, ... units leaves the region in which
 * nothing is said, by carrying the distribution of the count from unit to unit.
 * @param p chance of an event
 * @param says whether something is said at x events in n
 * @param centre about where x lies when nothing is wrong; says is false there, and true from some distance on
 * @returns the chance that something was said by each of the asked n
 */
export function chanceToSpeak(
  p: number,
  says: (n: number, x: number) => boolean,
  centre: (n: number) => number,
  at: readonly number[],
): number[] {
  const last = Math.max(...at);
  const answers: number[] = [];
  // mass[x - from] is the chance of x events with nothing said so far.
  let mass = new Float64Array([1]);
  let from = 0;
  let spoken = 0;
  let [low, high] = [0, 0];
  for (let n = 1; n <= last; n += 1) {
    const middle = Math.min(n, Math.max(0, Math.round(centre(n))));
    low = Math.max(0, Math.min(low, middle));
    high = Math.min(n, Math.max(high, middle));
    while (low > 0 && !says(n, low - 1)) low -= 1;
    while (low < middle && says(n, low)) low += 1;
    while (high < n && !says(n, high + 1)) high += 1;
    while (high > middle && says(n, high)) high -= 1;
    const next = new Float64Array(high - low + 1);
    for (let i = 0; i < mass.length; i += 1) {
      const weight = mass[i] ?? 0;
      if (weight === 0) continue;
      for (const [x, share] of [
        [from + i, 1 - p],
        [from + i + 1, p],
      ] as const) {
        if (x < low || x > high) spoken += weight * share;
        else next[x - low] = (next[x - low] ?? 0) + weight * share;
      }
    }
    [mass, from] = [next, low];
    if (at.includes(n)) answers.push(spoken);
  }
  return answers;
}
