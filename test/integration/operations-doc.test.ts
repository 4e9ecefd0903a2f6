import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../api/server.ts';
import { projectRoot } from '../../sql/files.ts';
import { appSecret, bearer, tokenOf, verifyToken } from '../app-under-test.ts';
import { serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';

const doc = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');
const section = (name: string) => doc.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
/** The shell commands of a section, as one script. */
const commands = (name: string) => [...section(name).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');

function has(tool: string): boolean {
  try {
    execFileSync(tool, [tool === 'openssl' ? 'version' : '--version']);
    return true;
  } catch {
    return false;
  }
}
const tools = ['bash', 'curl', 'openssl'];
const missing = tools.filter((tool) => !has(tool));

/** The curl commands of docs/operations.md, run as they stand against a real server. */
describe.skipIf(missing.length > 0)(
  `the commands of docs/operations.md${missing.map((tool) => ` (skipped: no ${tool})`)}`,
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let server: RunningServer;
    const shell = async (script: string): Promise<string> => {
      const env = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        SLUICE: server.url,
        TOKEN: tokenOf('admin'),
        APP_SECRET: appSecret,
        VERIFY_TOKEN: verifyToken,
      };
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env });
      return stdout;
    };

    beforeAll(async () => {
      folder = await temporaryFolder();
      server = await serve(folder.path);
    });
    afterAll(async () => {
      await server.close();
      await folder.remove();
    });

    it('shake hands and take a signed webhook', async () => {
      const said = await shell(commands('Webhooks from Meta'));
      expect(said).toContain('12345');
      expect(said).toContain('HTTP/1.1 200 OK');
    });

    it('register a campaign and send events, none refused', async () => {
      const said = await shell(commands('Sending events'));
      // On a slow machine the campaign is durable before it is applied, and the answer says so.
      expect(said).toMatch(/"campaign_id":"spring"|"applied":false,"id":"spring"/);
      expect(said.match(/\{"accepted":2,"rejected":\[\]\}/g)).toHaveLength(2);
      expect(said).not.toContain('problem');
    });

    it('give the numbers that follow: one message, delivered, clicked, ordered', async () => {
      const numbers = async () => {
        const path = '/v1/metrics?metrics=delivery_rate,click_rate,conversion_rate&by=campaign,variant';
        const answer = await fetch(`${server.url}${path}`, { headers: bearer('analyst') });
        if (answer.status !== 200) return null;
        const { rows } = (await answer.json()) as { rows: Record<string, { numerator: number; denominator: number }>[] };
        return rows.find((row) => (row['conversion_rate']?.numerator ?? 0) > 0) ?? null;
      };
      let row = await numbers();
      for (let tries = 0; row === null && tries < 100; tries += 1) {
        await setTimeout(200);
        row = await numbers();
      }
      expect(row).toMatchObject({
        campaign: 'spring',
        variant: 'a',
        delivery_rate: { numerator: 1, denominator: 1 },
        click_rate: { numerator: 1, denominator: 1 },
        conversion_rate: { numerator: 1, denominator: 1 },
      });
    });

    it('read them as the page shows', async () => {
      const asked = commands('Reading numbers')
        .split('\n')
        .filter((line) => line.startsWith('curl'));
      expect(asked).toHaveLength(3);
      const [json = '', csv = '', catalog = ''] = await Promise.all(asked.map((line) => shell(line)));
      expect(JSON.parse(json)).toMatchObject({ rows: [{ campaign: 'spring' }] });
      expect(csv.split('\n')[0]).toContain('read_rate');
      expect(catalog).toContain('delivery_rate');
    });
  },
);
