import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';
import { findChromium } from './chromium-path.ts';

// biome-ignore lint/style/noProcessEnv: whether tests must find a browser
const { SLUICE_TEST_REQUIRE = '' } = process.env;

/** Starts it headless, without anything that would call out. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium on PATH');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--headless=new',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/**
 * Tests that need a browser: skipped with a clear line where there is none, unless SLUICE_TEST_REQUIRE names "chromium".
 */
export function describeWithChromium(name: string, tests: () => void): void {
  const required = SLUICE_TEST_REQUIRE.split(',').includes('chromium');
  if (findChromium() !== null || required) describe(name, tests);
  else describe.skip(`${name} (skipped: no Chromium on PATH; SLUICE_TEST_REQUIRE=chromium makes that a failure)`, tests);
}
