import { createHash } from 'node:crypto';
import { constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { places } from '../api/data-folder.ts';
import { loadModels, ModelRunner } from '../models/runner.ts';
import { Database } from '../sql/database.ts';
import { projectRoot } from '../sql/files.ts';
import { migrate } from '../sql/migrate.ts';

/** Where files lie that any process of a test run makes and others use. */
const cache = join(projectRoot, 'node_modules', '.cache', 'sluice-test');
/** Older than this the template is made anew, ms: well before a model in it would be due for its rare build. */
const oldAfterMs = 120_000;

/**
 * A warehouse file with the schema and every model built from no facts, made once for all tests: its name tells of what it was made.
 * @returns its path
 */
export async function templateWarehouse(): Promise<string> {
  const path = join(cache, `warehouse-${madeFrom()}.duckdb`);
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (age > oldAfterMs) await make(path);
  return path;
}

/** Puts the template into a data folder that nobody has used: a start there then has nothing to migrate and nothing to build. */
export async function prepareFolder(dataDir: string): Promise<void> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) return;
  await mkdir(dataDir, { recursive: true });
  await copyFile(await templateWarehouse(), places(dataDir).warehouse, constants.COPYFILE_FICLONE);
}

/** Made beside its place and moved there: two processes that make it at once do not disturb each other. */
async function make(path: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'making-'));
  try {
    const next = join(folder, 'warehouse.duckdb');
    const database = await Database.open({ path: next, memoryMb: 512, threads: 1 });
    const connection = await database.connect();
    await migrate(connection);
    const results = await new ModelRunner(loadModels()).build(connection, { full: false, now: new Date() });
    const wrong = results.filter(({ outcome }) => outcome !== 'ok');
    if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'));
    connection.close();
    database.close();
    await rename(next, path);
    await removeOld();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Templates of other states of the sources, which nobody has needed for an hour. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const file = join(cache, name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > 3_600_000) await rm(file, { recursive: true, force: true });
  }
}

/** A mark of all SQL and seeds, of what builds them, and of DuckDB's version. */
function madeFrom(): string {
  const hash = createHash('sha256');
  for (const folder of ['sql', 'models']) {
    for (const entry of readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      hash.update(`${file}\0`).update(readFileSync(file));
    }
  }
  return hash
    .update(readFileSync(join(projectRoot, 'node_modules', '@duckdb', 'node-api', 'package.json')))
    .digest('hex')
    .slice(0, 16);
}
