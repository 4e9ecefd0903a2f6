import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begun, fingerprint } from '../../../controller/fingerprint.ts';

/** The formula as it is written in Fowler, Noll and Vo's note, in exact integers: xor, then times the prime, modulo 2^32. */
function plain(text: string): string {
  const mod = 2n ** 32n;
  let [a, b] = [0x811c9dc5n, 0x84222325n];
  for (let at = 0; at < text.length; at += 1) {
    const code = BigInt(text.charCodeAt(at));
    a = ((a ^ code) * 0x01000193n) % mod;
    b = ((b ^ (code + BigInt(at & 0xff))) * 0x01000193n) % mod;
  }
  return a.toString(36) + b.toString(36);
}

const anyText = fc.array(fc.nat(0xffff), { maxLength: 300 }).map((codes) => String.fromCharCode(...codes));

describe('the fingerprint of a text', () => {
  it('is the formula, in base 36: marks in the log stay what they were', () => {
    expect(fingerprint('')).toBe(plain(''));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fingerprint(text)).toBe(plain(text));
      }),
    );
  });

  it('is the same when it goes on from the beginning of the text', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(fingerprint(other, begun(one))).toBe(plain(one + other));
      }),
    );
  });
});
