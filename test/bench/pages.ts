import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../chromium-path.ts';
import { benchWarehouse } from './big-warehouse.ts';
import { ask, benchSecret, benchToken, type Child, startChild } from './child.ts';
import { httpLoad, percentile } from './http-load.ts';
import { StatusTraffic } from './traffic.ts';

/**
 * `npm run bench:pages`: how soon a reader sees something useful, in the system's Chromium, while statuses come in. First useful paint:
 * from the request to the first contentful paint, whose HTML holds every figure. Filter change: from the click to that paint. Beside each
 * the time to the first byte, which is the server's part. A minute after the start, when what is done once an hour is over.
 * Options: --messages N (25000000), --rounds N (40), --rate N statuses a second (2000), --memory MiB (1024), --keep FOLDER (as bench:models).
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '25000000' },
    rounds: { type: 'string', default: '40' },
    rate: { type: 'string', default: '2000' },
    memory: { type: 'string', default: '1024' },
    keep: { type: 'string' },
  },
});
const [messages, rounds, rate] = [Number(values.messages), Number(values.rounds), Number(values.rate)];
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const print = (line: string) => process.stdout.write(`${line}\n`);
const executablePath = findChromium();
if (executablePath === null) throw new Error('no Chromium on PATH');

let server: Child | null = null;
let browser: Browser | null = null;
try {
  print(`Node ${process.version}, ${cpus().length} cores, ${messages} messages`);
  await benchWarehouse(join(folder, 'warehouse.duckdb'), messages, new Date(), values.keep);
  server = await startChild({ script: 'sluice', dataDir: folder, memoryMb: Number(values.memory) });
  const { port } = server;
  const address = `http://127.0.0.1:${port}`;
  await ask(port, '/v1/campaigns/campaign-19', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Campaign 19', objective: 'benchmark' }),
  });
  const source = new StatusTraffic({ secret: benchSecret, perPost: 4, contacts: 500_000, now: Date.now, run: 'P' });
  let going = true;
  const load = (async () => {
    while (going) await httpLoad({ port, connections: 8, seconds: 10, rate: rate / 4, next: () => source.next() });
  })();
  await ready(port);
  await rest(60_000);
  const before = server.processorTime();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--headless=new', '--disable-gpu'] });
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${address}/login?token=${benchToken}`);
  const painted = () =>
    page.evaluate(
      () =>
        new Promise<{ paint: number; byte: number }>((resolve) => {
          new PerformanceObserver((list) => {
            const found = list.getEntriesByName('first-contentful-paint')[0];
            const [loaded] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
            if (found !== undefined) resolve({ paint: found.startTime, byte: loaded?.responseStart ?? 0 });
          }).observe({ type: 'paint', buffered: true });
        }),
    );
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number) => times.set(name, [...(times.get(name) ?? []), ms]);
  const noteBoth = (name: string, clickMs: number, { paint, byte }: { paint: number; byte: number }) => {
    note(name, clickMs + paint);
    note(`${name}: first byte`, clickMs + byte);
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const path of ['/', '/campaigns/campaign-19', '/dashboards/segments', '/dashboards/value', '/dashboards/timing']) {
      await page.goto(`${address}${path}`, { waitUntil: 'commit' });
      noteBoth(`first paint ${path}`, 0, await painted());
      for (const range of ['7d', '24h']) {
        const clicked = await clickAt(page, `.ranges a[href*="range=${range}"]`);
        await page.waitForURL((url) => url.searchParams.get('range') === range, { waitUntil: 'commit' });
        const began = await page.evaluate(() => performance.timeOrigin);
        noteBoth(`filter ${path}`, began - clicked, await painted());
      }
    }
  }
  const spent = server.processorTime() - before;
  going = false;
  await load;
  for (const [name, list] of [...times].sort()) {
    list.sort((a, b) => a - b);
    const [middle, high] = [percentile(list, 0.5), percentile(list, 0.95)].map((ms) => ms.toFixed(0).padStart(5));
    print(`  p50 ${middle}  p95 ${high}  n ${list.length}  ${name}`);
  }
  print('wanted: first paint p95 under 1000 ms, filter p95 under 500 ms');
  print(`the server's processor time meanwhile: ${spent.toFixed(1)} s for ${15 * rounds} pages and the statuses`);
} finally {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Clicks; resolves with the time at which the reader did, ms since 1970, whenever the page came to hear of it. */
async function clickAt(page: Page, selector: string): Promise<number> {
  const link = page.locator(selector);
  await link.scrollIntoViewIfNeeded();
  const box = await link.boundingBox();
  if (box === null) throw new Error(`${selector} is not on the page`);
  const at = Date.now();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  return at;
}

/** Resolves when the server has built its models and applies what comes. */
async function ready(port: number): Promise<void> {
  for (let tries = 0; tries < 180; tries += 1) {
    const answer = await ask(port, '/readyz').catch((error: unknown) => error);
    if (!(answer instanceof Error)) return;
    await rest(1_000);
  }
  throw new Error('the server did not get ready within three minutes');
}
