import { Serial } from '../../ingest/serial.ts';
import type { ModelRunner, ModelRunResult } from '../../models/runner.ts';
import type { Connection } from '../../sql/database.ts';
import type { RareLoop } from './rare-loop.ts';

/** Keeps the models fresh: builds after changes, and rests at least three times as long as the last build was at work. */
export class RefreshLoop {
  private running = true;
  private wake: () => void = () => undefined;
  private changed = true;
  private readonly builds = new Serial();

  constructor(
    private readonly runner: Pick<ModelRunner, 'build' | 'pending'>,
    private readonly connection: Connection,
    private readonly options: {
      now: () => Date;
      minRestMs: number;
      tailLanes: number;
      onError: (error: unknown) => void;
      /** A build is over, with whatever end; somebody waits for it, or not. */
      onBuilt?: (isAwaited: boolean) => void;
      /** How long builds have waited so far for work that goes first, ms: that does not make them rest longer. */
      waitedMs?: () => number;
      /** Builds what has only become old; absent, that waits for builds without `tailLanes`. */
      rare?: RareLoop;
    },
  ) {}

  /** To be called when facts have changed. */
  notice(): void {
    this.changed = true;
    this.wake();
  }

  /**
   * Runs until stopped.
   * @param behind tells that facts are far from complete: then building waits a while, because the cores are needed to catch up
   */
  async run(behind: () => boolean = () => false): Promise<void> {
    while (this.running) {
      if (!this.changed) await this.sleep(60_000);
      if (!this.running) return;
      if (!this.changed) continue;
      this.changed = false;
      const { minRestMs, tailLanes, onError, waitedMs = () => 0 } = this.options;
      const [started, waited] = [performance.now(), waitedMs()];
      await this.build(false, tailLanes).catch(onError);
      const tookMs = performance.now() - started - (waitedMs() - waited);
      await this.sleep(Math.max(minRestMs, 3 * tookMs), false);
      for (let pauses = 0; this.running && behind() && pauses < longestWaitMs; pauses += pauseMs)
        await this.sleep(pauseMs, false);
    }
  }

  /**
   * Builds now, after what is under way: all that has changed or has become old. `tailLanes` bounds how much older time is done at once,
   * and leaves what has only become old to the loop beside this one.
   */
  build(full: boolean, tailLanes = Number.POSITIVE_INFINITY): Promise<ModelRunResult[]> {
    const rare = tailLanes === Number.POSITIVE_INFINITY;
    const work = async () => {
      if (!this.running) return [];
      const { now, onBuilt } = this.options;
      const once = (all: boolean) =>
        this.runner.build(this.connection, { full: all, now: now(), tailLanes, rare }).finally(() => onBuilt?.(rare));
      const results = await once(full);
      // What models tell of changes to those built before them, another pass takes in, and then there is little left to tell.
      for (let pass = 1; rare && this.runner.pending && pass < mostPasses; pass += 1) {
        takeIn(results, await once(false));
      }
      if (this.runner.pending) this.notice();
      return results;
    };
    return rare ? this.between(work) : this.builds.run(work);
  }

  /** Does `work` while nothing is being built. */
  between<T>(work: () => Promise<T>): Promise<T> {
    const { rare } = this.options;
    return this.builds.run(rare === undefined ? work : () => rare.between(work));
  }

  /** Begins nothing more; for work inside `between`, which `stop` would wait for. */
  halt(): void {
    this.running = false;
    this.options.rare?.halt();
    this.wake();
  }

  async stop(): Promise<void> {
    this.halt();
    await this.between(async () => undefined);
  }

  private sleep(ms: number, wakeable = true): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        if (wakeable || !this.running) {
          clearTimeout(timer);
          resolve();
        }
      };
    });
  }
}

/** Adds to what was done with each model what another pass did with it. */
function takeIn(results: ModelRunResult[], again: readonly ModelRunResult[]): void {
  for (const later of again) {
    const at = results.findIndex(({ model }) => model === later.model);
    const before = results[at];
    if (before === undefined) continue;
    const rows = later.rows === null ? before.rows : (before.rows ?? 0) + later.rows;
    results[at] = { ...later, mode: before.mode, rows };
  }
}

const mostPasses = 5;
/** Even far behind, the next build waits no longer than this on top of its rest. */
const longestWaitMs = 45_000;
const pauseMs = 250;
