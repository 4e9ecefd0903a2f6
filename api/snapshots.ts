import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../ingest/durable-file.ts';
import { SluiceError } from '../sql/errors.ts';
import { places } from './data-folder.ts';
import { version } from './version.ts';
import type { Warehouse } from './warehouse.ts';

export const snapshotSchema = z.object({
  name: z.string().describe('Its folder in snapshots/ of the data folder'),
  taken_at: z.string(),
  tables: z.number().int(),
  rows: z.number().int(),
});
export type Snapshot = z.output<typeof snapshotSchema>;

const manifestFile = 'snapshot.json';
const manifest = snapshotSchema.extend({ format: z.literal(1), version: z.string() });

/** Snapshots of a data folder, oldest first. A folder without its manifest is none. */
export async function listSnapshots(dataDir: string): Promise<Snapshot[]> {
  const folder = places(dataDir).snapshots;
  const names = await readdir(folder).catch(() => []);
  const read = async (name: string) => {
    const text = await readFile(join(folder, name, manifestFile), 'utf8').catch(() => 'null');
    const checked = manifest.safeParse(JSON.parse(text));
    if (!checked.success) return [];
    const { taken_at, tables, rows } = checked.data;
    return [{ name, taken_at, tables, rows }];
  };
  const found = (await Promise.all(names.filter((name) => /^\d{8}T\d{6}\d{3}Z$/.test(name)).map(read))).flat();
  return found.sort((a, b) => (a.taken_at < b.taken_at ? -1 : 1));
}

/**
 * The newest snapshot that was taken at or before this.
 * @throws SluiceError `snapshot_unknown`
 */
export async function snapshotAt(dataDir: string, at: Date): Promise<{ folder: string; takenAt: Date }> {
  const all = await listSnapshots(dataDir);
  const found = all.findLast(({ taken_at }) => Date.parse(taken_at) <= at.getTime());
  if (found !== undefined) return { folder: join(places(dataDir).snapshots, found.name), takenAt: new Date(found.taken_at) };
  const [oldest] = all;
  const detail = oldest === undefined ? 'none has been taken' : `the oldest is of ${oldest.taken_at}`;
  throw new SluiceError('snapshot_unknown', { detail, field: 'as_of' });
}

/** Takes snapshots of the marts, and lets the oldest go. */
export class SnapshotKeeper {
  constructor(
    private readonly parts: {
      dataDir: string;
      snapshots: { everyHours: number; keep: number };
      warehouse: Pick<Warehouse, 'takeSnapshot'>;
      now: () => Date;
    },
  ) {}

  async take(): Promise<Snapshot> {
    const { dataDir, warehouse, now } = this.parts;
    const takenAt = now().toISOString();
    const name = takenAt.replaceAll(/[-:.]/g, '');
    const folder = places(dataDir).snapshots;
    const temporary = join(folder, `${name}.part`);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const counts = await warehouse.takeSnapshot(temporary);
    const snapshot = { name, taken_at: takenAt, ...counts };
    await writeFile(join(temporary, manifestFile), `${JSON.stringify({ format: 1, version, ...snapshot })}\n`);
    await rename(temporary, join(folder, name));
    await syncFolder(folder);
    await this.prune();
    return snapshot;
  }

  async takeIfDue(): Promise<void> {
    const { dataDir, snapshots, now } = this.parts;
    if (snapshots.everyHours === 0) return;
    const newest = (await listSnapshots(dataDir)).at(-1);
    if (newest === undefined || now().getTime() - Date.parse(newest.taken_at) >= snapshots.everyHours * 3_600_000)
      await this.take();
  }

  private async prune(): Promise<void> {
    const { dataDir, snapshots } = this.parts;
    const all = await listSnapshots(dataDir);
    for (const { name } of all.slice(0, Math.max(0, all.length - snapshots.keep))) {
      await rm(join(places(dataDir).snapshots, name), { recursive: true, force: true });
    }
  }
}
