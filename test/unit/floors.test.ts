import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../sql/files.ts';
import { trackedFiles } from './tracked-files.ts';

/** What each floor may import of ours, besides itself (DESIGN, the house). `api` may import all. */
const mayImport: Record<string, string[]> = {
  sql: [],
  ingest: ['sql'],
  models: ['sql'],
  controller: ['sql', 'models'],
  simulator: [],
  dashboards: [],
  api: ['sql', 'ingest', 'models', 'controller', 'simulator', 'dashboards'],
};
const floors = Object.keys(mayImport);
const forbidden = (floor: string, target: string) => floor !== target && !mayImport[floor]?.includes(target);
/** The one exception: the controller speaks to the port of the event log. */
const exception = { floor: 'controller', file: 'ingest/event-log.ts' };

const spellings = [
  (path: string) => `import { a } from '${path}';\nexport const b = a;\n`,
  (path: string) => `import type { A } from '${path}';\nexport type B = A;\n`,
  (path: string) => `export * from '${path}';\n`,
  (path: string) => `export const load = () => import('${path}');\n`,
];

describe('the lint rule that holds the floors', () => {
  let folder: string;
  let refused: Set<string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-floors-'));
    const config = JSON.parse(readFileSync(join(projectRoot, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }));
    for (const floor of floors) {
      mkdirSync(join(folder, floor, 'inner'), { recursive: true });
      for (const target of floors.filter((name) => name !== floor)) {
        spellings.forEach((write, index) => {
          writeFileSync(join(folder, floor, `${target}-${index}.ts`), write(`../${target}/thing.ts`));
        });
        writeFileSync(join(folder, floor, 'inner', `${target}-0.ts`), `export * from '../../${target}/inner/thing.ts';\n`);
      }
      writeFileSync(
        join(folder, floor, 'port.ts'),
        `import type { EventLog } from '../ingest/event-log.ts';\nexport type Log = EventLog;\n`,
      );
    }
    const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin', 'biome');
    const run = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { category: string; location: { path: string } }[] };
    refused = new Set(
      diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports').map(({ location }) => location.path),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const floor of floors) {
    for (const target of floors.filter((name) => name !== floor)) {
      const refuses = forbidden(floor, target);
      it(`${refuses ? 'refuses' : 'allows'} ${floor} → ${target}, however it is written`, () => {
        for (const index of spellings.keys()) {
          expect([index, refused.has(`${floor}/${target}-${index}.ts`)]).toEqual([index, refuses]);
        }
        expect(refused.has(`${floor}/inner/${target}-0.ts`)).toBe(refuses);
      });
    }
  }

  it('lets the controller use the port of the event log, and no floor above sql but those that use ingest', () => {
    const allowed = floors.filter((floor) => !refused.has(`${floor}/port.ts`));
    expect(allowed.sort()).toEqual(['api', 'controller', 'ingest']);
  });
});

describe('the imports as they stand', () => {
  it('go one way, in every spelling', () => {
    const wrong: string[] = [];
    for (const file of trackedFiles(/\.tsx?$/)) {
      const floor = file.split('/')[0] ?? '';
      if (mayImport[floor] === undefined) continue;
      const code = readFileSync(join(projectRoot, file), 'utf8');
      for (const [, path = ''] of code.matchAll(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
        const target = join(dirname(file), path);
        const targetFloor = target.split('/')[0] ?? '';
        if (mayImport[targetFloor] === undefined || !forbidden(floor, targetFloor)) continue;
        if (floor === exception.floor && target === exception.file) continue;
        wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
