import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { publishFile } from '../ingest/durable-file.ts';
import { type ForgetRequest, Forgotten } from '../ingest/forgotten.ts';
import { SluiceError } from '../sql/errors.ts';

const bound = z.number().nullable();
const requestSchema = z.object({
  id: z.string(),
  at: z.number(),
  salt: z.string(),
  names: z.array(
    z.object({ mark: z.string(), kind: z.enum(['contact', 'phone', 'user']), prefix: z.string(), from: bound, to: bound }),
  ),
  swept_at: bound,
});
const bookSchema = z.object({ key: z.string(), requests: z.array(requestSchema) });
export type ForgottenBook = z.output<typeof bookSchema>;

export const forgottenFile = 'forgotten.json';

/**
 * Who asked to be forgotten, by keyed hashes; a new book where the folder has none.
 * @throws SluiceError `forgotten_unreadable`: to go on without it would bring people back
 */
export async function readForgotten(dataDir: string): Promise<ForgottenBook> {
  const path = join(dataDir, forgottenFile);
  try {
    return bookSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { key: randomBytes(24).toString('base64url'), requests: [] };
    throw new SluiceError('forgotten_unreadable', { detail: (cause as Error).message.split('\n')[0] ?? '', file: path, cause });
  }
}

/** Replaces the book in one step, readable by its owner alone. */
export async function saveForgotten(dataDir: string, book: ForgottenBook): Promise<void> {
  const path = join(dataDir, forgottenFile);
  await writeFile(`${path}.tmp`, `${JSON.stringify(book)}\n`, { mode: 0o600 });
  await publishFile(`${path}.tmp`, path);
}

/** The book as decode asks it. */
export function forgottenOf({ key, requests }: { key: string; requests: readonly ForgetRequest[] }): Forgotten {
  return new Forgotten(key, requests);
}
