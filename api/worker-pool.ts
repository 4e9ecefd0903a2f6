import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { revivedError, SluiceError } from '../sql/errors.ts';
import { projectRoot } from '../sql/files.ts';
import { columnMemory } from './transfer.ts';
import type { TaskAnswer, Tasks } from './worker-pool/tasks.ts';

/** Runs slow pure work off the HTTP thread. */
export interface WorkerPool {
  /**
   * Columns of numbers in the input are handed over, not copied: the caller no longer has them.
   * @throws SluiceError that the task threw, or `warehouse_busy` when too much waits already
   */
  run<Name extends keyof Tasks>(name: Name, input: Parameters<Tasks[Name]>[0]): Promise<Awaited<ReturnType<Tasks[Name]>>>;
  close(): Promise<void>;
}

const mostWaiting = 32;

/**
 * Threads that start when there is work, end when there is none for half a minute, and never take the last core from the HTTP thread.
 * Sources and tests run the compiled tasks of `dist/`: a worker cannot load TypeScript on Node 20.
 */
export function startWorkerPool(threads = Math.max(1, Math.min(4, availableParallelism() - 1))): WorkerPool {
  const pool = new Piscina({
    filename: join(projectRoot, 'dist/api/worker-pool/tasks.js'),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 30_000,
    maxQueue: mostWaiting,
    resourceLimits: { maxOldGenerationSizeMb: 1536 },
  });
  return {
    async run(name, input) {
      if (pool.queueSize >= mostWaiting)
        throw new SluiceError('warehouse_busy', { detail: `${mostWaiting} computations wait already` });
      const answer: TaskAnswer = await pool.run({ name, input }, { transferList: columnMemory(input) });
      if ('error' in answer) throw revivedError(answer.error);
      return answer.value as never;
    },
    close: () => pool.destroy(),
  };
}
