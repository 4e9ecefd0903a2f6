import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rights, roleDescriptions, roleNames } from '../../api/roles.ts';
import { type Setting, settings } from '../../api/settings.ts';
import { errorCatalogue } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';

const doc = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');
const block = (name: string) => doc.split(`<!-- ${name} -->\n`)[1]?.split(`<!-- /${name} -->`)[0];
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');

/** The tables in docs/operations.md say what the program says. When one fails, copy the expected text into the page. */
describe('docs/operations.md', () => {
  it('lists every setting with its meaning and default', () => {
    const rows = Object.entries(settings as Record<string, Setting>).map(([name, setting]) => [
      `\`${name}\``,
      setting.default === undefined ? '' : `\`${setting.default}\``,
      setting.meaning,
    ]);
    expect(block('settings')).toBe(table(['setting', 'default', 'meaning'], rows));
  });

  it('lists every role with its rights', () => {
    const rows = roleNames.map((role) => [
      `\`${role}\``,
      roleDescriptions[role],
      Object.entries(rights)
        .flatMap(([right, roles]) => ((roles as readonly string[]).includes(role) ? [right] : []))
        .join(', '),
    ]);
    expect(block('roles')).toBe(table(['role', 'for', 'rights'], rows));
  });

  it('lists every error code with what to do', () => {
    const rows = Object.entries(errorCatalogue).map(([code, { status, title, mend }]) => [
      `\`${code}\``,
      String(status),
      title,
      mend,
    ]);
    expect(block('errors')).toBe(table(['code', 'HTTP', 'what happened', 'what to do'], rows));
  });
});
