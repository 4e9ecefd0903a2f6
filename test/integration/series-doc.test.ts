import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createLogger } from '../../api/logger.ts';
import { buildReceiverApp } from '../../api/receiver-app.ts';
import { projectRoot } from '../../sql/files.ts';
import { type AppUnderTest, appUnderTest, bearer, testConfig } from '../app-under-test.ts';
import { MemoryLog } from '../stand-ins.ts';

const doc = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');
const block = doc.split('<!-- series -->\n')[1]?.split('<!-- /series -->')[0];

interface Served {
  type: string;
  help: string;
}

/** What a `/metrics` page declares. */
function declared(text: string): Map<string, Served> {
  const found = new Map<string, Served>();
  for (const [, name = '', help = '', type = ''] of text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)) {
    found.set(name, { type, help });
  }
  return found;
}

describe('docs/operations.md', () => {
  let test: AppUnderTest;
  let receiver: Awaited<ReturnType<typeof buildReceiverApp>>;
  beforeAll(async () => {
    test = await appUnderTest();
    const parts = { config: testConfig({ role: 'receiver' }), log: new MemoryLog(), logger: createLogger('silent') };
    receiver = await buildReceiverApp({ ...parts, now: () => new Date() });
  });
  afterAll(async () => {
    await test.app.close();
    await receiver.close();
  });

  /** When it fails, copy the expected text into the page. */
  it('lists every series that a warehouse or a receiver serves, and no other', async () => {
    const page = async (app: typeof receiver) => declared((await app.inject({ url: '/metrics', headers: bearer('ops') })).body);
    const [warehouse, receiving] = [await page(test.app), await page(receiver)];
    const where = (name: string) =>
      warehouse.has(name) && receiving.has(name) ? 'both' : warehouse.has(name) ? 'warehouse' : 'receiver';
    const rows = [...new Map([...receiving, ...warehouse])].map(
      ([name, { type, help }]) => `| \`${name}\` | ${type} | ${where(name)} | ${help} |\n`,
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(block).toBe(`| series | type | of | what it tells |\n| --- | --- | --- | --- |\n${rows.join('')}`);
  });

  it('suggests alarms on series that are served', async () => {
    const names = declared((await test.app.inject({ url: '/metrics', headers: bearer('ops') })).body);
    const receiving = declared((await receiver.inject({ url: '/metrics', headers: bearer('ops') })).body);
    const alarms = doc.split('```yaml\n')[1]?.split('```')[0] ?? '';
    const { groups } = parse(alarms) as { groups: { rules: { alert: string; expr: string }[] }[] };
    const used = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => expr.match(/\bsluice_[a-z_]+/g) ?? []));
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !names.has(name) && !receiving.has(name))).toEqual([]);
  });
});
