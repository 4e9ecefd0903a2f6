import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(64 * 1024);
let at = pool.length;

/** Sixteen random bytes, good until the pool is drawn anew: asking the system for each id costs more than the rest of it. */
export function pooledRandom(): Uint8Array {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += 16;
  return pool.subarray(at - 16, at);
}
