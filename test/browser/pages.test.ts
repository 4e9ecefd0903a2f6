import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Assets } from '../../api/pages/assets.ts';
import { parseDashboard } from '../../api/pages/dashboard.ts';
import type { PagesOptions } from '../../api/pages/plugin.ts';
import { describeWithChromium, launchChromium } from '../chromium.ts';
import { freshAssets, pagesApp } from '../pages-app.ts';
import { standInShop } from '../stand-in-shop.ts';
import { type StandIn, standInWarehouse } from '../stand-in-warehouse.ts';

// A loaded machine may take a minute where a quiet one takes seconds.
vi.setConfig({ testTimeout: 60_000 });

describeWithChromium('the pages in Chromium', () => {
  let browser: Browser;
  let assets: Assets;
  const apps: FastifyInstance[] = [];
  /** Contexts of one test. */
  const opened: BrowserContext[] = [];

  beforeAll(async () => {
    [browser, assets] = await Promise.all([launchChromium(), freshAssets()]);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((context) => context.close()));
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(apps.map((app) => app.close()));
  });

  const serve = async (shop: StandIn, options: Partial<PagesOptions> = {}): Promise<string> => {
    const app = await pagesApp({ warehouse: standInWarehouse(shop), assets, liveSeconds: 3600, ...options });
    apps.push(app);
    return app.listen({ port: 0, host: '127.0.0.1' });
  };
  /** Opens an address and gathers what the browser complains about: errors, refused resources, breaches of the policy. */
  const open = async (
    address: string,
    options: BrowserContextOptions = {},
    kept?: BrowserContext,
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = kept ?? (await browser.newContext(options));
    if (kept === undefined) opened.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log' && message.type() !== 'info') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.failure()?.errorText} ${request.url()}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(address).origin)) complaints.push(`calls ${request.url()}`);
    });
    await page.goto(address);
    return { page, complaints };
  };
  const drawn = (page: Page) => page.waitForFunction(() => !document.querySelector('figure[data-chart]:not(:has(.plot svg))'));

  it('draws every chart under the policy, without a complaint and without a call to elsewhere', async () => {
    const address = await serve(standInShop());
    for (const path of ['/campaigns/autumn?range=24h', '/campaigns/autumn?lang=fr&zone=Asia/Kathmandu']) {
      const { page, complaints } = await open(`${address}${path}`);
      await drawn(page);
      expect(complaints).toEqual([]);
      expect(await page.locator('figure[data-chart] .plot path.mark-line, .plot .mark-line path').count()).toBeGreaterThan(0);
    }
  });

  describe('the overview', () => {
    let page: Page;
    let complaints: string[];
    let context: BrowserContext;
    beforeAll(async () => {
      const address = await serve(standInShop());
      context = await browser.newContext({ colorScheme: 'light' });
      ({ page, complaints } = await open(address, {}, context));
      await drawn(page);
    });
    afterAll(() => context.close());

    it('spreads thirty days over the width of a chart, and labels them', async () => {
      const share = await page.locator('figure[data-chart]').evaluateAll((figures) =>
        figures.map((figure) => {
          const marks = [...figure.querySelectorAll('.mark-line path, .mark-rect path')].map((path) =>
            path.getBoundingClientRect(),
          );
          const span = Math.max(...marks.map(({ right }) => right)) - Math.min(...marks.map(({ left }) => left));
          return span / figure.getBoundingClientRect().width;
        }),
      );
      expect(share).toHaveLength(9);
      expect(Math.min(...share)).toBeGreaterThan(0.7);
      expect(await page.locator('.plot .role-axis-label text', { hasText: '8 Nov' }).count()).toBe(9);
    });

    it('draws what is not final dashed', async () => {
      const dashes = await page
        .locator('figure[data-chart]')
        .first()
        .locator('.mark-line path')
        .evaluateAll((paths) => paths.map((path) => path.getAttribute('stroke-dasharray')));
      expect(dashes).toEqual(['1,0', '3,4']);
    });

    it('writes a name that is markup as text', async () => {
      expect(await page.getByRole('link', { name: '<script>alert("x")</script> & co' }).isVisible()).toBe(true);
    });

    it('takes its colours from the theme, and changes them with it', async () => {
      const stroke = () => page.locator('figure[data-chart] .mark-line path').first().getAttribute('stroke');
      expect(await stroke()).toBe('#0072b2');
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect.poll(stroke).toBe('#56b4e9');
    });

    it('shows the numbers of a point beside the pointer', async () => {
      // Once more when the chart under the pointer was drawn anew meanwhile.
      const hovered = async () => {
        await page.mouse.move(0, 0);
        await page.locator('figure[data-chart] .plot svg').first().hover();
        return page.locator('#chart-tooltip.visible').count();
      };
      await expect.poll(hovered, { timeout: 10_000 }).toBe(1);
      expect(await page.locator('#chart-tooltip').textContent()).toMatch(/95% interval\s*9\d\.\d–9\d\.\d%/);
    });

    it('is walked by keyboard: the skip link first, then a way into tables that scroll', async () => {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
      const region = page.getByRole('region', { name: 'Campaigns, scrolls sideways' });
      await region.focus();
      expect(await region.evaluate((node) => node === document.activeElement)).toBe(true);
    });

    it('does not scroll sideways on a phone: tables scroll inside', async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      const { width, table } = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        table: Math.max(...[...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth - box.clientWidth)),
      }));
      expect(width).toBe(360);
      expect(table).toBeGreaterThan(0);
    });

    it('did all that without a complaint', () => expect(complaints).toEqual([]));
  });

  it('filters by a link and by the form, and says what is shown', async () => {
    const { page } = await open(await serve(standInShop()));
    const requested = () => page.locator('tr[data-key="autumn"] td').first().textContent();
    expect(await requested()).toBe('50,296');
    await page.getByRole('link', { name: '7 days' }).click();
    expect(await page.locator('.said').textContent()).toBe('since 15 Nov 2026 · UTC');
    const week = await requested();
    await page.getByText('Dates and zone').click();
    await page.getByLabel('From').fill('2026-11-20');
    await page.getByLabel('To (inclusive)').fill('2026-11-20');
    await page.getByLabel('Time zone').fill('Asia/Kolkata');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(new URL(page.url()).search).toBe('?from=2026-11-20&to=2026-11-20&zone=Asia%2FKolkata&range=custom');
    expect(await page.locator('.said').textContent()).toBe('20 Nov 2026 to 20 Nov 2026 · Asia/Kolkata');
    const day = await requested();
    expect(Number(String(day).replace(',', ''))).toBeLessThan(Number(String(week).replace(',', '')));
  });

  it('shows every table without JavaScript, and the filters work', async () => {
    const { page } = await open(await serve(standInShop()), { javaScriptEnabled: false });
    expect(await page.locator('tr[data-key="orders"] td').first().textContent()).toBe('9,431');
    expect(await page.locator('figure picture img').first().isVisible()).toBe(true);
    await page.getByText('Show the numbers').first().click();
    expect(
      await page
        .getByRole('rowheader', { name: /Fri,? 20 Nov/ })
        .first()
        .isVisible(),
    ).toBe(true);
    await page.getByRole('link', { name: '24 hours' }).click();
    expect(await page.locator('.said').textContent()).toContain('since 20 Nov 2026');
  });

  it('follows live: new numbers appear, what the reader opened and focused stays', async () => {
    const shop = standInShop();
    const { page, complaints } = await open(await serve(shop, { liveSeconds: 0.2 }));
    await drawn(page);
    await page.getByText('Show the numbers').first().click();
    await page.getByRole('link', { name: 'Order updates' }).focus();
    const line = () => page.locator('figure[data-chart] .mark-line path').last().getAttribute('d');
    const before = await line();
    const svg = await page.locator('figure[data-chart] svg').first().elementHandle();
    const bucket = shop.buckets.find(({ dimensions }) => dimensions['campaign'] === 'orders');
    if (bucket === undefined) throw new Error('no such bucket');
    shop.buckets.push({
      ...bucket,
      at: '2026-11-21T11:00:00.000Z',
      counts: { requested: 1000, attempted: 1000, attempted_failed: 400 },
    });
    await expect.poll(() => page.locator('tr[data-key="orders"] td').first().textContent()).toBe('10,431');
    await expect.poll(line).not.toBe(before);
    expect(await page.locator('#live-state').textContent()).toBe('Live');
    expect(await page.locator('details.behind').first().getAttribute('open')).toBe('');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Order updates');
    expect(await svg?.evaluate((node) => node.isConnected)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('says when the connection is lost', async () => {
    const address = await serve(standInShop(), { liveSeconds: 0.2 });
    const { page } = await open(address);
    await expect.poll(() => page.locator('#live-state').textContent()).toBe('Live');
    await page.context().setOffline(true);
    await expect.poll(() => page.locator('#live-state').textContent()).toMatch(/Connection lost/);
    await page.context().setOffline(false);
    await expect.poll(() => page.locator('#live-state').textContent(), { timeout: 10_000 }).toBe('Live');
  });

  it('draws two hundred times without holding on to memory', async () => {
    const dashboard = parseDashboard(
      'small.yaml',
      `name: overview
title: { en: Small, fr: Petit }
scope: all
panels:
  - id: volume
    title: { en: Messages, fr: Messages }
    chart: count_bars
    query: { metrics: [messages_requested] }
`,
    );
    const shop = standInShop();
    const warehouse = standInWarehouse(shop);
    let looks = 0;
    const metrics: typeof warehouse.metrics = (query) => {
      looks += 1;
      const newest = shop.buckets.find(({ mart }) => mart === 'funnel_15m');
      if (newest !== undefined) newest.counts = { ...newest.counts, requested: 10 * looks };
      return warehouse.metrics(query);
    };
    const dashboards = new Map([['overview', { dashboard }]]);
    const app = await pagesApp({ warehouse: { ...warehouse, metrics }, assets, liveSeconds: 0.01, dashboards });
    apps.push(app);
    const { page } = await open(await app.listen({ port: 0, host: '127.0.0.1' }));
    await drawn(page);
    const devtools = await page.context().newCDPSession(page);
    const drawMore = async (times: number) => {
      const wanted = looks + times;
      await expect.poll(() => looks, { timeout: 30_000, interval: 20 }).toBeGreaterThan(wanted);
    };
    /** From light to dark and back: both times the chart is made anew. */
    const change = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        const fill = () => page.locator('.plot .mark-rect path').first().getAttribute('fill');
        await page.emulateMedia({ colorScheme: n % 2 === 0 ? 'dark' : 'light' });
        await expect.poll(fill, { interval: 20 }).toBe(n % 2 === 0 ? '#56b4e9' : '#0072b2');
      }
    };
    const held = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      const { nodes } = await devtools.send('Memory.getDOMCounters');
      return { megabytes: usedSize / 1e6, nodes };
    };
    await drawMore(20);
    await change(4);
    const before = await held();
    await drawMore(180);
    await change(20);
    // What the renderer let go of is collected in several rounds.
    await expect.poll(async () => (await held()).nodes - before.nodes, { timeout: 15_000 }).toBeLessThan(2000);
    expect((await held()).megabytes - before.megabytes).toBeLessThan(6);
  });

  it('fills by itself on the first day', async () => {
    const shop: StandIn = { buckets: [], campaigns: [] };
    const { page, complaints } = await open(await serve(shop, { liveSeconds: 0.2 }));
    expect(await page.getByRole('heading', { name: 'Nothing has come in yet' }).isVisible()).toBe(true);
    Object.assign(shop, standInShop());
    await page.waitForSelector('tr[data-key="autumn"]');
    await drawn(page);
    expect(complaints).toEqual([]);
  });

  it("draws a dashboard's own Vega-Lite specification under the same policy", async () => {
    const dashboard = parseDashboard(
      'mine.yaml',
      `name: overview
title: { en: Mine, fr: Le mien }
scope: all
panels:
  - id: markets
    title: { en: Reads by market, fr: Lectures par marché }
    chart: vega_lite
    query: { metrics: [read_rate], by: [market] }
    spec:
      mark: bar
      encoding:
        x: { field: market, type: nominal }
        y: { field: read_rate, type: quantitative }
        color: { value: $accent }
`,
    );
    const { page, complaints } = await open(await serve(standInShop(), { dashboards: new Map([['overview', { dashboard }]]) }));
    await drawn(page);
    const bars = page.locator('.plot .mark-rect path');
    expect(await bars.count()).toBe(2);
    expect(await bars.first().getAttribute('fill')).toBe('#0072b2');
    expect(complaints).toEqual([]);
  });
});
