import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../api/server.ts';
import { defaultPolicy, signalNames } from '../../controller/policy.ts';
import { projectRoot } from '../../sql/files.ts';
import { tokenOf } from '../app-under-test.ts';
import { serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';

const doc = readFileSync(join(projectRoot, 'docs/controller.md'), 'utf8');
const section = (name: string) => doc.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
/** The shell commands of a section, as one script. */
const commands = (name: string) => [...section(name).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');

function has(tool: string): boolean {
  try {
    execFileSync(tool, ['--version']);
    return true;
  } catch {
    return false;
  }
}
const missing = ['bash', 'curl'].filter((tool) => !has(tool));

/** The commands of docs/controller.md, run as they stand against a real server; `sluice` is the built program. */
describe.skipIf(missing.length > 0)(
  `the commands of docs/controller.md${missing.map((tool) => ` (skipped: no ${tool})`)}`,
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let server: RunningServer;
    const shell = async (script: string): Promise<string> => {
      const env = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        SLUICE: server.url,
        TOKEN: tokenOf('admin'),
        SLUICE_TOKENS: `admin:${tokenOf('admin')}`,
        SLUICE_DATA_DIR: folder.path,
      };
      const program = `sluice() { "${process.execPath}" "${join(projectRoot, 'dist', 'sluice.cjs')}" "$@"; }`;
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `${program}\n${script}`], { env });
      return stdout;
    };

    beforeAll(async () => {
      folder = await temporaryFolder();
      server = await serve(folder.path);
      while (server.app.control.book?.ready !== true) await sleep(50);
    }, 30_000);
    afterAll(async () => {
      await server.close();
      await folder.remove();
    });

    it('ask by list and by count, send under the permit, and give back the rest', async () => {
      const said = await shell(commands('Asking for permits'));
      const [list = {}, count = {}] = [...said.matchAll(/\{"permit_id".*"granted".*\}$/gm)].map(([line]) => JSON.parse(line));
      expect(list).toMatchObject({ granted: 1, denied: [{ contact_id: 'customer-18', reason: 'no_consent' }] });
      expect(count).toMatchObject({ granted: 100, denied: [] });
      expect(said).toMatch(/"returned":90/);
      expect(said.match(/\{"accepted":1,"rejected":\[\]\}/g)).toHaveLength(2);
    }, 30_000);

    it('pause, explain, resume and limit a campaign by command and over HTTP', async () => {
      const said = await shell(commands('Overrides'));
      expect(said).toMatch(/^Paused campaign:autumn-sale until 20.*\.$/m);
      expect(said).toMatch(/^campaign:autumn-sale: stopped\. Stopped by admin until .*: wrong price in the picture\.$/m);
      expect(said).toMatch(/^Resumed campaign:autumn-sale until it is lifted\.$/m);
      expect(said).toMatch(/^Limited campaign:autumn-sale until it is lifted\.$/m);
      expect(said).toMatch(/"scope":"template:autumn_sale","action":"pause"/);
    }, 60_000);

    it('read the explanation and the trail', async () => {
      const said = await shell(commands('Seeing it'));
      expect(said).toContain('"sentence":"Limité par admin');
      expect(said).toContain('"rule":"operator_limit"');
    }, 30_000);

    it('register a policy of its own', async () => {
      expect(await shell(commands('Policy'))).toContain('"campaign_id":"winter"');
      await expect.poll(() => server.app.control.brain?.policyOf('winter').window.start, { timeout: 10_000 }).toBe(50);
    }, 30_000);
  },
);

describe('docs/controller.md', () => {
  it('states the rates of the policy', () => {
    const percent = (rate: number) => `${Math.round(1000 * rate) / 10} %`;
    for (const signal of signalNames) {
      const { accept, reject } = defaultPolicy.detectors[signal];
      expect(doc).toMatch(new RegExp(`^\\| \`${signal}\` \\| .* \\| ${percent(accept)} \\| ${percent(reject)} \\|$`, 'm'));
    }
  });

  it('states the windows and times of the policy', () => {
    const { window, false_alarm_messages, dwell_minutes, most_dwell_minutes, lease, pace, stale_seconds } = defaultPolicy;
    expect(doc).toContain(
      `It begins with ${window.start}, a campaign over all its streams with ${window.campaign_start.toLocaleString('en')}`,
    );
    expect(doc).toContain(`by default ${false_alarm_messages.toLocaleString('en')}`);
    expect(doc).toContain(`**probe** of ${window.probe} messages`);
    expect([window.growth, window.step, dwell_minutes, most_dwell_minutes, stale_seconds]).toEqual([2, 0.25, 60, 1440, 120]);
    expect([lease.seconds, lease.most_seconds, pace.number_per_second]).toEqual([60, 600, 80]);
  });

  it('works its example by the formula', () => {
    const perFailure = Math.log(0.15 / 0.05);
    const line = Math.log(1 + 1e6 * 72 * 0.1);
    expect([perFailure.toFixed(2), line.toFixed(1)]).toEqual(['1.10', '15.8']);
    const drift = 0.3 * perFailure - 0.1;
    expect([drift.toFixed(2), Math.round(line / drift)]).toEqual(['0.23', 69]);
    expect((0.05 * perFailure - 0.1).toFixed(3)).toBe('-0.045');
  });
});
