import type { Connection, Database } from '../../sql/database.ts';

/** What the process and the engine use, MiB. */
export interface MemoryUse {
  /** What the whole process may use: SLUICE_MEMORY. */
  limit: number;
  /** Resident memory of the process. */
  resident: number;
  /** Of that, what the engine counts as its own. */
  engine: number;
  /** Of that, what it can neither spill nor drop before the next checkpoint: changes of rows. */
  held: number;
  /** What the engine was allowed until now. */
  share: number;
}

/** The share of the engine at the start, MiB: half. */
export function firstShare(limit: number): number {
  return Math.max(leastMb, Math.floor(limit / 2));
}

/**
 * What the engine may use from now on, MiB: the limit, less 15 % to spare, less all that lies beside what the engine counts (heaps
 * of JavaScript, the log, the archive, plans, pages that allocators keep). It falls at once and rises by a sixteenth of the limit at
 * most; never below a quarter of the limit, with which queries still end, by spilling, nor so low that beside what the engine holds
 * there is no room to work: then even a batch of facts would find none.
 */
export function nextShare({ limit, resident, engine, held, share }: MemoryUse): number {
  const room = limit * usable - Math.max(0, resident - engine);
  const least = Math.max(leastMb + held, limit / 4);
  return Math.floor(Math.max(least, Math.min(room, share + limit / 16)));
}

/** DuckDB's own ceiling is for its buffers alone; this keeps that ceiling where the whole process stays within a limit. */
export class MemoryShare {
  private timer: NodeJS.Timeout | undefined;
  private tick: Promise<void> = Promise.resolve();
  private share: number;

  private constructor(
    private readonly connection: Connection,
    private readonly limit: number,
    private readonly residentBytes: () => number,
  ) {
    this.share = firstShare(limit);
  }

  /** @param database opened with `firstShare(limit)` */
  static async start(database: Database, limit: number, residentBytes = () => process.memoryUsage.rss()): Promise<MemoryShare> {
    const memory = new MemoryShare(await database.connect(), limit, residentBytes);
    memory.timer = setInterval(() => void memory.adjust(), everyMs).unref();
    return memory;
  }

  /** Measures, and moves the engine's ceiling; calls do not overlap. */
  adjust(): Promise<void> {
    this.tick = this.tick.then(() => this.step()).catch(() => undefined);
    return this.tick;
  }

  private async step(): Promise<void> {
    const [row] = await this.connection.rows(
      `SELECT sum(memory_usage_bytes)::DOUBLE AS bytes, sum(memory_usage_bytes) FILTER (tag = 'TRANSACTION')::DOUBLE AS held
       FROM duckdb_memory()`,
    );
    const [engine, held] = [Number(row?.bytes ?? 0) / mib, Number(row?.held ?? 0) / mib];
    const share = nextShare({ limit: this.limit, resident: this.residentBytes() / mib, engine, held, share: this.share });
    if (Math.abs(share - this.share) < stepMb) return;
    // Refused where so much is in use by queries under way: the next tick asks again.
    await this.connection.exec(`SET memory_limit = '${share}MiB'`);
    this.share = share;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.tick;
    this.connection.close();
  }
}

const mib = 2 ** 20;
const leastMb = 128;
/** The rest is for what is taken between two looks. */
const usable = 0.85;
const everyMs = 500;
/** Smaller changes are not worth a statement. */
const stepMb = 8;
