import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreBackup, writeBackup } from '../../api/backup.ts';

describe('a backup', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-backup-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const order: string[] = [];
  const parts = {
    warehouse: {
      copyTo: async (path: string) => {
        order.push('warehouse');
        await writeFile(path, 'facts');
      },
    },
    records: {
      copyTo: async (path: string) => {
        order.push('log and archive');
        await mkdir(join(path, 'log'));
        await writeFile(join(path, 'log', '0.duckdb'), 'records');
        await mkdir(join(path, 'archive', '2026-11-21'), { recursive: true });
        await writeFile(join(path, 'archive', '2026-11-21', 'a.parquet'), 'old records');
      },
    },
    version: '0.1.0',
    now: () => new Date('2026-11-21T10:00:00Z'),
  };
  const write = () => writeBackup(join(folder, 'backup'), parts);
  const restore = () => restoreBackup(join(folder, 'backup'), join(folder, 'data'));

  it('copies the warehouse first, then log and archive, so that nothing between them is missing', async () => {
    order.length = 0;
    expect(await write()).toEqual({ folder: join(folder, 'backup'), files: 3, bytes: 5 + 7 + 11 });
    expect(order).toEqual(['warehouse', 'log and archive']);
    const manifest = JSON.parse(await readFile(join(folder, 'backup', 'backup.json'), 'utf8'));
    expect(manifest.files.map(({ path }: { path: string }) => path)).toEqual([
      'archive/2026-11-21/a.parquet',
      'log/0.duckdb',
      'warehouse.duckdb',
    ]);
    // sha256 of "facts", by another program
    expect(manifest.files[2].sha256).toBe('0694aacb66d62e742a92e8d5f1e82bd9d2a8ca1be88744201fbe63d0f5007502');
  });

  it('comes back as it was', async () => {
    await write();
    expect((await restore()).files).toBe(3);
    expect(await readFile(join(folder, 'data', 'archive', '2026-11-21', 'a.parquet'), 'utf8')).toBe('old records');
  });

  it('never goes into or over something that is there', async () => {
    await write();
    await expect(write()).rejects.toMatchObject({ code: 'backup_invalid', detail: expect.stringContaining('not empty') });
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'precious'), '');
    await expect(restore()).rejects.toMatchObject({ code: 'backup_invalid', detail: expect.stringContaining('not empty') });
  });

  it.each([
    [
      'a file was changed',
      (at: string) => writeFile(join(at, 'warehouse.duckdb'), 'fakes'),
      'warehouse.duckdb is not as it was written',
    ],
    ['a file is gone', (at: string) => rm(join(at, 'log', '0.duckdb')), 'log/0.duckdb is missing'],
    ['the manifest is gone', (at: string) => rm(join(at, 'backup.json')), 'holds no backup.json'],
    ['the manifest is broken', (at: string) => writeFile(join(at, 'backup.json'), '{'), 'backup.json cannot be read'],
    [
      'the manifest reaches out of its folder',
      (at: string) =>
        writeFile(
          join(at, 'backup.json'),
          JSON.stringify({ format: 1, version: '', made_at: '', files: [{ path: '../x', bytes: 0, sha256: '' }] }),
        ),
      'backup.json cannot be read',
    ],
  ])('is not restored when %s', async (_what, damage, sentence) => {
    await write();
    await damage(join(folder, 'backup'));
    await expect(restore()).rejects.toMatchObject({ code: 'backup_invalid', detail: expect.stringContaining(sentence) });
  });
});
