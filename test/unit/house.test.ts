import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../sql/files.ts';
import { trackedFiles } from './tracked-files.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const lines = (text: string) => text.trimEnd().split('\n').length;
const source = /\.(ts|tsx|js|sql|css)$/;
const sources = trackedFiles(source);
const product = sources.filter((path) => !path.startsWith('test/'));

describe('the house', () => {
  it('has files whose median is under 120 lines', () => {
    const lengths = product.map((path) => lines(read(path))).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(120);
  });

  it('has no file over 400 lines without its reason in a comment: "Over 400 lines: …"', () => {
    const unexplained = sources.filter(
      (path) => lines(read(path)) > 400 && !/^\s*(\/\/|--|\*|\/\*) ?Over 400 lines: \S/m.test(read(path)),
    );
    expect(unexplained).toEqual([]);
  });

  it('has no "any", and nothing that silences the type checker', () => {
    const code = (text: string) => text.replaceAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`|\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const loose = trackedFiles(/\.tsx?$/).filter((path) => /(:|\bas|<|\||,|=>)\s*any\b(?!\s*[(:])/.test(code(read(path))));
    expect(loose).toEqual([]);
    const silenced = new RegExp(`@ts-${'(ignore|nocheck)'}|biome-ignore lint/suspicious/${'noExplicitAny'}`);
    expect(trackedFiles(/\.tsx?$/).filter((path) => silenced.test(read(path)))).toEqual([]);
    const rules = JSON.parse(read('biome.json')).linter.rules;
    expect(rules.suspicious.noExplicitAny).toBe('error');
    expect(rules.style.noNonNullAssertion).toBe('error');
  });

  it('names its group keys', () => {
    const all = new RegExp(['group by', 'all'].join('\\s+'), 'i');
    const withoutComments = (text: string) => text.replaceAll(/--.*/g, '');
    expect(trackedFiles(/\.sql$/).filter((path) => all.test(withoutComments(read(path))))).toEqual([]);
  });

  it('starts every .sql file with a header that says what it is', () => {
    expect(trackedFiles(/\.sql$/).filter((path) => !/^\s*(--|\/\*)\s*\S/.test(read(path)))).toEqual([]);
  });

  it('names no place on the machine it was written on', () => {
    const text = trackedFiles(/^(?!.*\.(png|woff2?|ico)$)/);
    const machine = /[-.\d]/.test(hostname()) ? [hostname()] : []; // "localhost" is no secret
    const here = [projectRoot, resolve(projectRoot, '..', 'shared'), `${homedir()}/`, ...machine].filter(
      (place) => place.length > 5,
    );
    const named = text.flatMap((path) => here.filter((place) => read(path).includes(place)).map((place) => `${path}: ${place}`));
    expect(named).toEqual([]);
  });

  it('has a lock file without addresses to download from', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry)).toEqual([]);
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
    expect(read('.npmrc')).not.toMatch(/https?:/);
  });

  it('has a lock file that `npm ci` takes on every platform: all binaries are named (else: node .ci/complete-lock.js)', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });

  it('has no package that asks for a newer Node than ours', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(engines.node).toBe('>=20');
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { engines?: { node?: string } }> };
    const newer = Object.entries(packages).filter(([, { engines }]) => /^>=? ?(2[1-9]|[3-9][0-9])/.test(engines?.node ?? ''));
    expect(newer.map(([path]) => path)).toEqual([]);
  });

  it('pins every package to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
