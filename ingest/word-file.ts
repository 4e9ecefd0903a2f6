import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { normalised, noWords, type OwnWords } from './stop-words.ts';

/** The file of a project folder in which words of the user stand. */
export const wordFile = 'words.yaml';

const word = z
  .string({ error: 'is no text: put it in quotes' })
  .max(60, 'is longer than 60 characters')
  .refine((text) => normalised(text) !== '', 'has no letter or number in it');
const words = z.array(word, { error: 'is no list of words' });
const byLanguage = z.record(z.string(), words, { error: 'is no list of words for each language' }).default({});
const schema = z.strictObject({
  opt_out: byLanguage,
  opt_in: byLanguage,
  complaints: byLanguage,
  leave_out: words.default([]),
});

/**
 * The words of a project: none without a project or a file.
 * @throws SluiceError `project_invalid` with the first thing wrong, its file and line
 */
export function projectWords(project: string | null): OwnWords {
  const file = project === null ? null : join(project, wordFile);
  return file === null || !existsSync(file) ? noWords : readWords(readFileSync(file, 'utf8'), file);
}

/** @throws SluiceError `project_invalid` */
export function readWords(text: string, file: string): OwnWords {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = (offset: number, detail: string) =>
    new SluiceError('project_invalid', { detail, file, line: lines.linePos(offset).line });
  const [broken] = document.errors;
  if (broken !== undefined) throw wrong(broken.pos[0], `is not YAML: ${broken.message}`);
  const at = (path: readonly PropertyKey[]): number => {
    const node = document.getIn(path, true);
    if (isNode(node)) return node.range?.[0] ?? 0;
    return path.length === 0 ? 0 : at(path.slice(0, -1));
  };
  const read = schema.safeParse(document.toJS() ?? {});
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
    const what = issue?.code === 'unrecognized_keys' ? 'is not known here' : (issue?.message ?? '');
    throw wrong(at(path), `${path.join('.')} ${what}`);
  }
  const { opt_out, opt_in, complaints, leave_out } = read.data;
  const own = { optOut: all(opt_out), optIn: all(opt_in), complaints: all(complaints), leaveOut: leave_out };
  const leaves = new Set(own.optOut.map(normalised));
  const both = own.optIn.find((one) => leaves.has(normalised(one)));
  if (both !== undefined) throw wrong(at(['opt_in']), `"${both}" cannot mean both to leave and to come back`);
  return own;
}

function all(byLanguage: Record<string, readonly string[]>): string[] {
  return Object.values(byLanguage).flat();
}
