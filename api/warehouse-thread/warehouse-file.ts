import { rmSync, statSync } from 'node:fs';

const filesOf = (path: string): string[] => [path, `${path}.wal`];

/** What a warehouse takes on disk with its write-ahead log, bytes. */
export function warehouseBytes(path: string): number {
  return filesOf(path).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Takes a warehouse that nobody has open away, if there is one. */
export function removeWarehouse(path: string): void {
  for (const file of filesOf(path)) rmSync(file, { force: true });
}
