import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { places } from './data-folder.ts';
import { type ForgottenBook, forgottenFile, readForgotten, saveForgotten } from './forgotten-book.ts';
import type { Warehouse } from './warehouse.ts';

const manifestFile = 'backup.json';
const manifestSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  made_at: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
});
export type BackupManifest = z.output<typeof manifestSchema>;

export const backupSummary = z.object({ folder: z.string(), files: z.number().int(), bytes: z.number().int() });
export type BackupSummary = z.output<typeof backupSummary>;

export interface BackupParts {
  warehouse: Pick<Warehouse, 'copyTo'>;
  /** Log and archive: the copy has them in `log/` and `archive/` of the folder. */
  records: { copyTo(folder: string): Promise<void> };
  /** Who is forgotten, so that a restored copy knows. */
  forgotten?: () => ForgottenBook;
  version: string;
  now: () => Date;
}

/**
 * Copies warehouse, log and archive into a new or empty folder while everything runs: first the warehouse, then log and
 * archive, so that whatever the copied warehouse has not applied is in the copied log or archive. The manifest comes last: a
 * folder without one is no backup.
 * @throws SluiceError `backup_invalid` when the folder has something in it
 */
export async function writeBackup(
  folder: string,
  { warehouse, records, forgotten, version, now }: BackupParts,
): Promise<BackupSummary> {
  await requireEmpty(folder);
  const to = places(folder);
  await mkdir(folder, { recursive: true });
  const madeAt = now().toISOString();
  await warehouse.copyTo(to.warehouse);
  await records.copyTo(folder);
  const book = forgotten?.() ?? null;
  if (book !== null && book.requests.length > 0) await saveForgotten(folder, book);
  const files = [];
  for (const path of await filesBelow(folder)) files.push({ path, ...(await fingerprint(join(folder, path))) });
  const manifest: BackupManifest = { format: 1, version, made_at: madeAt, files };
  await writeFile(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
  return { folder, files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/**
 * Puts a backup into a new or empty data folder, after every file of it was compared with the manifest.
 * @throws SluiceError `backup_invalid` when the backup is not whole or the target is not empty
 */
export async function restoreBackup(folder: string, dataDir: string): Promise<BackupSummary> {
  const manifest = await readManifest(folder);
  await requireEmpty(dataDir, [forgottenFile]);
  for (const { path, bytes, sha256 } of manifest.files) {
    const found = await fingerprint(join(folder, path)).catch(() => null);
    const fits = found !== null && found.bytes === bytes && found.sha256 === sha256;
    if (!fits)
      throw new SluiceError('backup_invalid', { detail: `${path} is ${found === null ? 'missing' : 'not as it was written'}` });
  }
  await mkdir(dataDir, { recursive: true });
  await forgetAgain(folder, dataDir);
  for (const { path } of manifest.files) {
    if (path === forgottenFile) continue;
    const target = join(dataDir, path);
    await mkdir(join(target, '..'), { recursive: true });
    await cp(join(folder, path), target);
  }
  return { folder: dataDir, files: manifest.files.length, bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0) };
}

/**
 * The list of who is forgotten that lies in the target goes on, else the backup's own: whoever asked since the backup was made is in the
 * backup's files. All of them are to be forgotten again.
 */
async function forgetAgain(folder: string, dataDir: string): Promise<void> {
  const here = await readForgotten(dataDir);
  const book = here.requests.length > 0 ? here : await readForgotten(folder);
  if (book.requests.length === 0) return;
  await saveForgotten(dataDir, { ...book, requests: book.requests.map((request) => ({ ...request, swept_at: null })) });
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => null);
  if (text === null) throw new SluiceError('backup_invalid', { detail: `${folder} holds no ${manifestFile}` });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const manifest = manifestSchema.safeParse(content);
  const inside = (path: string) => !path.startsWith('/') && !path.split('/').includes('..');
  if (!manifest.success || !manifest.data.files.every(({ path }) => inside(path))) {
    throw new SluiceError('backup_invalid', { detail: `${manifestFile} cannot be read` });
  }
  return manifest.data;
}

async function requireEmpty(folder: string, apartFrom: readonly string[] = []): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new SluiceError('backup_invalid', { detail: `${folder} cannot be read (${error.code})` });
  });
  if (names.some((name) => !apartFrom.includes(name)))
    throw new SluiceError('backup_invalid', { detail: `${folder} is not empty` });
}

/** Paths from the folder, with "/" between the parts, in order. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

async function fingerprint(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}
