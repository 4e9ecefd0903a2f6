import type { Positions } from '../../ingest/record.ts';

/** Where the log ended at a moment, ms since 1970. */
interface LogMark {
  at: number;
  end: Positions;
}

/** Between two marks, ms; the newest is always kept. */
const spacingMs = 1000;
/** Nearly three hours. Where apply is further behind, the oldest go, and it is not known how far the facts are complete until it has come nearer. */
const mostMarks = 10_000;

/** Remembers where the log ended at the controller's looks, so that it can be told up to which of them all that was durable is in the facts. */
export class LogMarks {
  private readonly marks: LogMark[] = [];
  private seen: Positions | null = null;

  add(at: number, end: Positions): void {
    const before = this.marks.at(-2);
    if (before !== undefined && Math.abs(at - before.at) < spacingMs) this.marks.pop();
    this.marks.push({ at, end });
    if (this.marks.length > mostMarks) this.marks.shift();
  }

  /** Whether facts at these positions, as apply's loop holds them, are news to who saw them last, or all that there is. */
  isNews(applied: Positions): boolean {
    return applied !== this.seen || this.lag(applied) === 0;
  }

  see(applied: Positions): void {
    this.seen = applied;
  }

  /**
   * How far facts at these positions are: `lag` counts the records below the newest mark that are not in them; all that was durable at
   * `complete_to` is, null while that is so of no mark.
   */
  reached(applied: Positions): { lag: number; complete_to: number | null } {
    const last = this.marks.findLastIndex(({ end }) => missing(applied, end) === 0);
    // Older ones tell nothing more.
    if (last > 0) this.marks.splice(0, last);
    return { lag: this.lag(applied), complete_to: last < 0 ? null : (this.marks[0]?.at ?? null) };
  }

  private lag(applied: Positions): number {
    const newest = this.marks.at(-1);
    return newest === undefined ? 0 : missing(applied, newest.end);
  }
}

function missing(applied: Positions, end: Positions): number {
  const behind = [...end].map(([partition, next]) => next - (applied.get(partition) ?? 0n));
  return behind.reduce((sum, lag) => sum + (lag > 0n ? Number(lag) : 0), 0);
}
