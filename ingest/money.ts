import { z } from 'zod';

/** A currency as clients name it. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'is not an ISO 4217 code, e.g. EUR');

/** An exact decimal: digits × 10^-scale. Money is never a float. */
interface Decimal {
  digits: bigint;
  scale: number;
}

const decimal = /^(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

function decimalOf(value: unknown): Decimal | null {
  const match = typeof value === 'string' || typeof value === 'number' ? decimal.exec(String(value)) : null;
  if (match === null) return null;
  const fraction = match[2] ?? '';
  return { digits: BigInt(match[1] + fraction), scale: fraction.length - Number(match[3] ?? 0) };
}

/** Micro-units of a product of decimals (text or numbers); null when one is no decimal, or when micro-units cannot hold it exactly. */
export function micros(...factors: unknown[]): bigint | null {
  let digits = 1n;
  let scale = -6;
  for (const factor of factors) {
    const part = decimalOf(factor);
    if (part === null) return null;
    digits *= part.digits;
    scale += part.scale;
  }
  if (scale <= 0) return bounded(digits * 10n ** BigInt(-scale));
  const unit = 10n ** BigInt(scale);
  return digits % unit === 0n ? bounded(digits / unit) : null;
}

/** The amount if a BIGINT column holds it. */
export function bounded(amount: bigint): bigint | null {
  return amount < 2n ** 63n ? amount : null;
}
