import { setTimeout } from 'node:timers/promises';
import { Serial } from '../../ingest/serial.ts';
import type { ModelRunner } from '../../models/runner.ts';
import type { Connection } from '../../sql/database.ts';

/** How often it is asked whether a table has become old, ms. */
const lookMs = 15_000;
/** While facts are far from complete a table waits this many looks at most, five minutes. */
const mostWaits = 20;

/** Builds tables that have become old, one at a time and beside all that changes with every message, which does not wait for them. */
export class RareLoop {
  private readonly stopping = new AbortController();
  private readonly builds = new Serial();

  constructor(
    private readonly runner: ModelRunner,
    /** A connection for builds apart, see `connectApart`. */
    private readonly connection: Connection,
    private readonly options: { now: () => Date; onError: (error: unknown) => void; onBuilt: (isAwaited: boolean) => void },
  ) {}

  /**
   * Runs until stopped; after a build it rests as long as that took.
   * @param behind tells that facts are far from complete: then the cores are needed to catch up
   */
  async run(behind: () => boolean): Promise<void> {
    let waited = 0;
    while (!this.stopping.signal.aborted) {
      const started = performance.now();
      const waits = behind() && waited < mostWaits;
      waited = waits ? waited + 1 : 0;
      const built = waits ? false : await this.between(() => this.step());
      await this.sleep(built ? Math.max(1000, performance.now() - started) : lookMs);
    }
  }

  private async step(): Promise<boolean> {
    if (this.stopping.signal.aborted) return false;
    try {
      const isBuilt = (await this.runner.buildRare(this.connection, this.options.now())) !== null;
      if (isBuilt) this.options.onBuilt(false);
      return isBuilt;
    } catch (error) {
      this.options.onError(error);
      return false;
    }
  }

  /** Does `work` while no such table is being built. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.builds.run(work);
  }

  /** Begins nothing more. */
  halt(): void {
    this.stopping.abort();
  }

  private async sleep(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
