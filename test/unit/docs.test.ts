import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { projectRoot } from '../../sql/files.ts';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';
import { trackedFiles } from './tracked-files.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const pages = trackedFiles(/\.md$/);
const all = pages.map(read).join('\n');

/** The heading's anchor, as the usual forges make it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('the documentation', () => {
  it('has no link that leads nowhere', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].flatMap(([, link = '']) => {
        const [path = '', fragment] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(projectRoot, target))) return [`${page}: ${link}`];
        const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading));
        return fragment === undefined || headings.includes(fragment) ? [] : [`${page}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...all.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('names only commands that sluice has', async () => {
    const helpOf = async (...args: string[]) => {
      const help: string[] = [];
      const write = (text: string) => void help.push(text);
      await run([...args, '--help'], { env: () => ({}), out: write, err: write });
      return help.join('');
    };
    const commands = (help: string) => [...help.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name);
    const known = commands(await helpOf());
    expect(known).toContain('serve');
    const named = [...all.matchAll(/(?:`|^|\| )sluice ([a-z]+)(?: ([a-z]+))?/gm)].map(([, name = '', sub]) => ({ name, sub }));
    expect(named.length).toBeGreaterThan(8);
    for (const { name, sub } of named) {
      expect(known).toContain(name);
      if (sub !== undefined && (name === 'quarantine' || name === 'models')) expect(commands(await helpOf(name))).toContain(sub);
    }
  });

  it('lists every folder of the house', () => {
    const rooms = new Set(trackedFiles(/\.tsx?$/).map((path) => path.split('/')));
    const floors = new Set([...rooms].filter((parts) => parts.length > 1).map(([first]) => first));
    const missing = [...floors].filter((floor) => !read('docs/development.md').includes(`| \`${floor}/\` |`));
    expect(missing).toEqual([]);
  });
});

describe('addresses in the documentation', () => {
  let shop: AppUnderTest;
  beforeAll(async () => {
    shop = await appUnderTest();
  });
  afterAll(() => shop.app.close());

  it('are those of the API', async () => {
    const answer = await shop.app.inject({ url: '/openapi.json', headers: bearer('admin') });
    const paths = Object.keys(answer.json<{ paths: Record<string, unknown> }>().paths);
    const known = (path: string) =>
      paths.some((pattern) => new RegExp(`^${pattern.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path));
    const named = [...all.matchAll(/(?<![\w.])\/v1\/[a-z0-9/{}-]*[a-z}]/g)].map(([path]) => path.replaceAll(/\{[^}]+\}/g, 'x'));
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((path) => !known(path))).toEqual([]);
  });

  it.each(['/docs', '/openapi.json', '/healthz', '/readyz', '/metrics', '/login'])('%s answers', async (url) => {
    const answer = await shop.app.inject({ url, headers: bearer('admin') });
    expect(answer.statusCode).toBeLessThan(400);
  });
});
