import { rmSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../sql/database.ts';

const filesOf = (path: string): string[] => [path, `${path}.wal`];

/** What a warehouse takes on disk with its write-ahead log, bytes. */
export function warehouseBytes(path: string): number {
  return filesOf(path).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Takes a warehouse that nobody has open away, if there is one. */
export function removeWarehouse(path: string): void {
  for (const file of filesOf(path)) rmSync(file, { force: true });
}

/** How long a checkpoint waits for transactions that write, and from one try to the next, ms. */
const patienceMs = 30_000;
const retryMs = 50;

/**
 * Moves the write-ahead log into the warehouse's file. DuckDB refuses that while a transaction that wrote is not wholly over: it is
 * waited for. To be called while nothing is applied or built.
 */
export async function checkpoint(connection: Connection): Promise<void> {
  for (const began = performance.now(); ; await setTimeout(retryMs)) {
    try {
      return await connection.exec('CHECKPOINT');
    } catch (error) {
      const mayPass = String(error).includes('other write transactions active');
      if (!mayPass || performance.now() - began > patienceMs) throw error;
    }
  }
}
