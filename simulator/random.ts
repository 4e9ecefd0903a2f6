import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Seeded randomness: the same seed gives the same draws, in the same order, on every machine. */
export class Random {
  private readonly generator: RandomGenerator;
  private spareNormal: number | undefined;

  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed | 0);
    // The generator starts from a state of few set bits: its first draws are alike for neighbouring seeds.
    for (let i = 0; i < 32; i++) this.generator.next();
  }

  /** 32 random bits as an integer from 0 to 2^32 - 1. */
  bits(): number {
    return this.generator.next() >>> 0;
  }

  /** Uniform on [0, 1). */
  float(): number {
    return (this.generator.next() >>> 0) * 2 ** -32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /** A whole number from 0 to n - 1. */
  int(n: number): number {
    return Math.floor(this.float() * n);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** Standard normal, by the polar method (Marsaglia and Bray, 1964). */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.float() - 1;
      const y = 2 * this.float() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.spareNormal = y * scale;
        return x * scale;
      }
    }
  }

  /** Lognormal by its median and the standard deviation of its logarithm. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(items.length)] ?? items[0];
  }

  /** One of the items, each with the chance its weight gives. */
  weighted<T extends { weight: number }>(items: readonly [T, ...T[]]): T {
    let total = 0;
    for (const item of items) total += item.weight;
    let left = this.float() * total;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return items[0];
  }
}
