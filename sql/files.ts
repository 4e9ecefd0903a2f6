import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: sources and the compiled `dist/` share the same SQL, YAML, CSV and CSS files. */
export const projectRoot: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    folder = dirname(folder);
  }
  return folder;
})();

/** Reads a text file of the project by its path from the root, or one of the user's by its absolute path. */
export function readProjectFile(path: string): string {
  return readFileSync(resolve(projectRoot, path), 'utf8');
}

/** Names of the files with this ending in a folder, in order of name; the folder is given as for `readProjectFile`. */
export function listProjectFiles(folder: string, ending: string): string[] {
  return readdirSync(resolve(projectRoot, folder))
    .filter((name) => name.endsWith(ending))
    .sort();
}
