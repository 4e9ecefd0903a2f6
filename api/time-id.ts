import { randomFillSync } from 'node:crypto';

/** Random bytes of one id: the ten that hold its 74 random bits. */
const perId = 10;
const pool = new Uint8Array(perId * 4096);
let at = pool.length;

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** The newest id, and the millisecond that it tells. */
const text = Buffer.from('00000000-0000-7000-8000-000000000000', 'latin1');
let told = 0;

/**
 * An id that tells its time: version 7 of RFC 9562, section 5.7, as text. Two of one millisecond stand in no order. For ids that are
 * made in thousands: random bytes are drawn for many at once, and the time is written once a millisecond.
 * @param msecs since 1970
 */
export function timeId(msecs: number): string {
  if (msecs !== told) {
    text.write(msecs.toString(16).padStart(12, '0').replace(/^.{8}/, '$&-'), 0, 'latin1');
    told = msecs;
  }
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  // The version's digit and the two bits of the variant stay.
  const [first, second, third] = [pool[at] ?? 0, pool[at + 1] ?? 0, pool[at + 2] ?? 0];
  text[15] = digits[first >> 4] ?? 0;
  text[16] = digits[first & 15] ?? 0;
  text[17] = digits[second >> 4] ?? 0;
  text[19] = digits[8 | (second & 3)] ?? 0;
  text[20] = digits[third >> 4] ?? 0;
  text[21] = digits[third & 15] ?? 0;
  text[22] = digits[(pool[at + 3] ?? 0) & 15] ?? 0;
  for (let n = 0; n < 6; n += 1) {
    const byte = pool[at + 4 + n] ?? 0;
    text[24 + 2 * n] = digits[byte >> 4] ?? 0;
    text[25 + 2 * n] = digits[byte & 15] ?? 0;
  }
  at += perId;
  return text.toString('latin1');
}
