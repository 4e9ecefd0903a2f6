import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../sql/files.ts';

/** Paths from the root of the files under version control whose path fits, that exist in the work tree. */
export function trackedFiles(fits: RegExp): string[] {
  return execFileSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && fits.test(path) && existsSync(join(projectRoot, path)));
}
