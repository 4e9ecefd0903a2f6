import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder } from '../../ingest/data-folder.ts';
import { projectRoot } from '../../sql/files.ts';
import { temporaryFolder } from '../temporary.ts';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  home = await temporaryFolder();
});
afterEach(() => home.remove());

/** Another process that holds the folder until it is killed. */
async function holder(path: string) {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/test/integration/children/hold-folder.js'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the data folder', () => {
  it('is laid out when opened', async () => {
    const folder = await DataFolder.open(join(home.path, 'new', 'data'));
    for (const path of [folder.log, folder.archive]) expect((await stat(path)).isDirectory()).toBe(true);
    folder.close();
  });

  it('is held by one at a time, in one process', async () => {
    const folder = await DataFolder.open(home.path);
    await expect(DataFolder.open(join(home.path, '.'))).rejects.toMatchObject({ code: 'warehouse_locked' });
    folder.close();
    (await DataFolder.open(home.path)).close();
  });

  it('is refused while another process holds it, and free as soon as that one was killed', async () => {
    const child = await holder(home.path);
    await expect(DataFolder.open(home.path)).rejects.toMatchObject({
      code: 'warehouse_locked',
      detail: expect.stringContaining(String(child.pid)),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await DataFolder.open(home.path)).close();
  });

  it('that cannot be made is a wrong setting', async () => {
    await writeFile(join(home.path, 'file'), '');
    await expect(DataFolder.open(join(home.path, 'file', 'data'))).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
