import { hour } from './emission.ts';

/** The platform's word for how people take to a number or a template. */
export type Quality = 'UNKNOWN' | 'GREEN' | 'YELLOW' | 'RED';

/** Where the words begin. The platform keeps its own secret; these are the simulation's. */
export interface QualityMarks {
  /** Weighted deliveries before anything is judged. */
  least: number;
  /** Blocks per delivery from which it is YELLOW, and RED. */
  yellow: number;
  red: number;
}

const span = 7 * 24;

/**
 * Blocks and reports among deliveries of the last seven days, the recent ones weighing more: what happened h whole hours of the
 * clock ago weighs (168 - h) / 168.
 */
export class QualityScore {
  private readonly hours = new Map<number, { delivered: number; blocked: number }>();

  delivered(at: number, messages = 1): void {
    this.hourOf(at).delivered += messages;
  }

  blocked(at: number, weight = 1): void {
    this.hourOf(at).blocked += weight;
  }

  /** Weighted counts as of this instant. */
  weighted(now: number): { delivered: number; blocked: number } {
    const current = Math.floor(now / hour);
    const sum = { delivered: 0, blocked: 0 };
    for (const [at, { delivered, blocked }] of this.hours) {
      const weight = (span - (current - at)) / span;
      if (weight <= 0) {
        this.hours.delete(at);
        continue;
      }
      sum.delivered += weight * delivered;
      sum.blocked += weight * blocked;
    }
    return sum;
  }

  /** What it is now; what it was while there is too little to judge by. It gets better only well below the mark, or it would flutter. */
  judge(now: number, before: Quality, marks: QualityMarks): Quality {
    const { delivered, blocked } = this.weighted(now);
    if (delivered < marks.least) return before;
    const rate = blocked / delivered;
    const reached = (mark: number, already: boolean) => rate >= (already ? 0.8 * mark : mark);
    if (reached(marks.red, before === 'RED')) return 'RED';
    return reached(marks.yellow, before === 'RED' || before === 'YELLOW') ? 'YELLOW' : 'GREEN';
  }

  /** Forgets everything: it is judged anew. */
  clear(): void {
    this.hours.clear();
  }

  private hourOf(at: number): { delivered: number; blocked: number } {
    const key = Math.floor(at / hour);
    let entry = this.hours.get(key);
    if (entry === undefined) {
      entry = { delivered: 0, blocked: 0 };
      this.hours.set(key, entry);
    }
    return entry;
  }
}
