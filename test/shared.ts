import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'vitest';
import { projectRoot } from '../sql/files.ts';

// biome-ignore lint/style/noProcessEnv: the one place where tests learn from outside where shared material lies
const { SLUICE_TEST_SHARED, SLUICE_TEST_REQUIRE } = process.env;

/** A path in the folder of shared material: sample payloads, reference numbers, data sets. Read where they lie, never copied. */
export function sharedPath(...parts: string[]): string {
  return join(resolve(projectRoot, SLUICE_TEST_SHARED ?? '../shared'), ...parts);
}

/** Whether SLUICE_TEST_REQUIRE names this: then its want fails tests instead of skipping them. */
export function required(name: string): boolean {
  return (SLUICE_TEST_REQUIRE ?? '').split(',').includes(name);
}

/** A group of tests that needs the shared folder: skipped where it is absent, failed where SLUICE_TEST_REQUIRE names "shared". */
export function describeWithShared(name: string, tests: () => void): void {
  if (existsSync(sharedPath())) describe(name, tests);
  else if (required('shared')) {
    it(`${name}: needs the shared folder`, () => {
      throw new Error(`There is no folder ${sharedPath()}. Set SLUICE_TEST_SHARED to where the shared material lies.`);
    });
  } else it.skip(`${name} (skipped: no folder of shared material; set SLUICE_TEST_SHARED)`, () => undefined);
}
