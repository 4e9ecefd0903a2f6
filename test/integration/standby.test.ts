import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder } from '../../api/data-folder.ts';
import { createLogger } from '../../api/logger.ts';
import { startReceiver } from '../../api/receiver.ts';
import { takeOver } from '../../api/standby.ts';
import { testConfig } from '../app-under-test.ts';
import { temporaryFolder } from '../temporary.ts';

describe('a warehouse that stands by', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let holder: DataFolder | undefined;
  const stop = new AbortController();
  beforeEach(async () => {
    home = await temporaryFolder();
    holder = await DataFolder.open(home.path);
  });
  afterEach(async () => {
    await holder?.close();
    await home.remove();
  });

  /** Begins to wait, and tells where. */
  async function waiting(signal: AbortSignal) {
    const lines: { url?: string; role?: string; msg: string }[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
    const taken = takeOver(testConfig({ dataDir: home.path, role: 'warehouse' }), { logger, signal });
    taken.catch(() => undefined);
    await expect.poll(() => lines[0]?.url).toMatch(/^http/);
    return { taken, lines, url: lines[0]?.url ?? '' };
  }

  it('says so at every address but that it is alive, by a header too', async () => {
    const { url, lines } = await waiting(stop.signal);
    expect(lines[0]).toMatchObject({ role: 'standby', msg: expect.stringContaining(home.path) });
    const [alive, ready, other] = await Promise.all(
      ['/healthz', '/readyz', '/v1/campaigns'].map(async (path) => {
        const answer = await fetch(`${url}${path}`);
        return [answer.status, answer.headers.get('x-sluice-standby'), await answer.json()];
      }),
    );
    expect(alive).toEqual([200, '1', { status: 'ok' }]);
    expect(ready).toEqual([503, '1', { status: 'standby', checks: {}, lag_records: null }]);
    expect(other).toEqual([503, '1', expect.objectContaining({ code: 'warehouse_standby' })]);
    stop.abort();
  });

  it('takes the folder once it is free, and leaves its port to the server', async () => {
    const { url, taken } = await waiting(new AbortController().signal);
    await holder?.close();
    holder = undefined;
    const { folder, port, release } = await taken;
    expect(url).toBe(`http://127.0.0.1:${port}`);
    await expect(DataFolder.open(home.path)).rejects.toMatchObject({ code: 'warehouse_locked' });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await release();
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
    await folder.close();
  });

  it('ends when it is told to stop', async () => {
    const { taken, url } = await waiting(AbortSignal.timeout(300));
    await expect(taken).rejects.toThrow();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('does not wait where nobody holds the folder', async () => {
    await holder?.close();
    holder = undefined;
    const { folder } = await takeOver(testConfig({ dataDir: home.path }), { logger: createLogger('silent'), signal: undefined });
    await folder.close();
  });
});

describe('a receiver without Kafka', () => {
  it('does not start, and says what is missing', async () => {
    await expect(startReceiver(testConfig({ role: 'receiver' }), { logger: createLogger('silent') })).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringContaining('SLUICE_KAFKA_BROKERS'),
    });
  });
});
