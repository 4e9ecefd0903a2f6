import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder, places, readAnnouncement } from '../../api/data-folder.ts';

describe('a data folder', () => {
  let path: string;
  let holder: ChildProcess | undefined;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'sluice-data-'));
  });
  afterEach(async () => {
    holder?.kill('SIGKILL');
    await rm(path, { recursive: true, force: true });
  });

  /** Another process that opens the lock file as Sluice does, and keeps it. */
  async function holdElsewhere(): Promise<void> {
    const code = `require('@duckdb/node-api').DuckDBInstance.create(process.argv[1]).then((held) => { globalThis.held = held; console.log('held'); setInterval(() => {}, 1000); })`;
    holder = spawn(process.execPath, ['-e', code, places(path).lock], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout as NodeJS.ReadableStream, 'data');
  }

  it('is held by one process at a time, and free again when that process is killed', async () => {
    await holdElsewhere();
    await expect(DataFolder.open(path)).rejects.toMatchObject({
      code: 'warehouse_locked',
      detail: expect.stringContaining(String(holder?.pid)),
    });
    holder?.kill('SIGKILL');
    await once(holder as ChildProcess, 'exit');
    const folder = await DataFolder.open(path);
    await folder.close();
  });

  it('is held once by one process', async () => {
    const folder = await DataFolder.open(path);
    await expect(DataFolder.open(path)).rejects.toMatchObject({ code: 'warehouse_locked' });
    await folder.close();
    await (await DataFolder.open(path)).close();
  });

  it('tells where its server listens until it is closed', async () => {
    const folder = await DataFolder.open(path);
    expect(await readAnnouncement(path)).toBeNull();
    const announcement = { url: 'http://127.0.0.1:1', pid: 1, version: '0.1.0', started_at: '2026-11-21T10:00:00.000Z' };
    await folder.announce(announcement);
    expect(await readAnnouncement(path)).toEqual(announcement);
    await folder.close();
    expect(await readAnnouncement(path)).toBeNull();
  });

  it('is made when absent, and what a crash left in its temporary folder is swept', async () => {
    const deep = join(path, 'a', 'b');
    await (await DataFolder.open(deep)).close();
    await writeFile(join(places(deep).temp, 'rest'), '');
    const folder = await DataFolder.open(deep);
    expect(await readdir(places(deep).temp)).toEqual([]);
    await folder.close();
    expect(existsSync(deep)).toBe(true);
  });

  it('that cannot be made is a wrong setting', async () => {
    await writeFile(join(path, 'file'), '');
    await expect(DataFolder.open(join(path, 'file', 'data'))).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringContaining('SLUICE_DATA_DIR'),
    });
  });
});
