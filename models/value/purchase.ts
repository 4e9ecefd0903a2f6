/** One purchase as it was made. */
export interface Purchase {
  customer: string;
  /** Days since 1970-01-01. */
  day: number;
  /** Its value in micro-units of the currency: exact, so that sums are. */
  micros: bigint;
}

/** The day number of a calendar day such as 2026-01-31. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}

/** An amount in currency units, exact to a millionth. */
export function microsOf(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6));
}

/** Micro-units as currency units, divided by a count; the division is the only rounding. */
export function perUnit(micros: bigint, count = 1): number {
  return Number(micros) / (1e6 * count);
}
