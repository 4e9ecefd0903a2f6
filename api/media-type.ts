/**
 * Picks the media type to answer with: of those offered the one that `Accept` weighs most (RFC 9110 §12.5.1), the earlier
 * offer when they tie. Null when none is accepted. No header accepts the first offer.
 */
export function chooseMediaType<T extends string>(accept: string | undefined, offers: readonly T[]): T | null {
  if (accept === undefined || accept.trim() === '') return offers[0] ?? null;
  const ranges = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { range, q: Number.isFinite(q) ? q : 0 };
  });
  let best: T | null = null;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(offer, ranges);
    if (weight > bestWeight) [best, bestWeight] = [offer, weight];
  }
  return best;
}

/** The weight of the most specific range that covers a type. */
function weightOf(type: string, ranges: readonly { range: string; q: number }[]): number {
  for (const wanted of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const match = ranges.find(({ range }) => range === wanted);
    if (match !== undefined) return match.q;
  }
  return 0;
}
