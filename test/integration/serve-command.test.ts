import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../sql/files.ts';
import { appSecret, signature, tokenOf } from '../app-under-test.ts';

/** The built program in a process of its own (`npm run build` first; `npm test` does). Each test goes on from the one before. */
describe('sluice serve', () => {
  let folder: string;
  let child: ChildProcess;
  let running: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-serve-'));
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(env: Record<string, string> = {}) {
    child = spawn(process.execPath, [join(projectRoot, 'dist', 'sluice.cjs'), 'serve'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        SLUICE_DATA_DIR: join(folder, 'data'),
        SLUICE_HTTP_PORT: '0',
        SLUICE_MEMORY: '256',
        SLUICE_TOKENS: `admin:${tokenOf('admin')}`,
        SLUICE_WEBHOOK_APP_SECRETS: appSecret,
        ...env,
      },
    });
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    output.on('line', (line) => lines.push(line));
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    await Promise.race([once(output, 'line'), ended]);
    const url = String(JSON.parse(lines[0] ?? '{}').url);
    return { url, lines, ended };
  }
  const post = (url: string, body: string) =>
    fetch(`${url}/webhooks/whatsapp`, { method: 'POST', body, headers: { 'x-hub-signature-256': signature(body) } });

  /** The end of the log, as the server tells it. */
  const end = async (url: string) => {
    const status = await fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${tokenOf('admin')}` } });
    return ((await status.json()) as { positions: { end: string }[] }).positions[0]?.end;
  };

  it('stops in order on SIGTERM, and what it acknowledged is there after the next start', async () => {
    const { url, lines, ended } = await start();
    expect((await post(url, '{"object":"x"}')).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.at(-1)).toContain('"msg":"stopped"');
    running = await start();
    expect(await end(running.url)).toBe('1');
  });

  it('starts again after a kill without mercy', async () => {
    expect((await post(running.url, '{"object":"x"}')).status).toBe(200);
    child.kill('SIGKILL');
    await running.ended;
    running = await start({ SLUICE_LOG_LEVEL: 'trace' });
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect(await end(running.url)).toBe('2');
  });

  it('writes no secret into its log, and stops in order on SIGINT too', async () => {
    const { url, lines, ended } = running;
    await fetch(`${url}/login?token=${tokenOf('admin')}`, { redirect: 'manual' });
    await fetch(`${url}/v1/campaigns`, { headers: { authorization: `Bearer ${tokenOf('admin')}` } });
    await post(url, '{"object":"x"}');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    const text = lines.join('\n');
    expect(text).toContain('/v1/campaigns');
    for (const secret of [tokenOf('admin'), appSecret, signature('{"object":"x"}')]) expect(text).not.toContain(secret);
  });

  it('does not start with a wrong setting, says which, and ends with 2', async () => {
    child = spawn(process.execPath, [join(projectRoot, 'dist', 'sluice.cjs'), 'serve'], {
      cwd: folder,
      env: { SLUICE_HTTP_PORT: 'eighty', SLUICE_TOKENS: 'admin:secret-but-short' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(text).toContain('SLUICE_HTTP_PORT is not a port');
    expect(text).not.toContain('at ');
    expect(text).not.toContain('secret-but-short');
  });
});
