import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { CountedMessage, MessageQuestion } from '../../api/message-desk.ts';
import type { Role } from '../../api/roles.ts';
import type { Warehouse } from '../../api/warehouse.ts';
import { type AppUnderTest, appUnderTest, bearer, tokenOf } from '../app-under-test.ts';
import { describeWithChromium, launchChromium } from '../chromium.ts';
import { shopNow, standInShop } from '../stand-in-shop.ts';
import { standInWarehouse } from '../stand-in-warehouse.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = [
  '/',
  '/campaigns/autumn',
  '/messages/read',
  '/experiments',
  '/control',
  '/dashboards/segments',
  '/dashboards/value',
  '/dashboards/timing',
  '/dashboards/platform',
  '/dashboards/quality',
  '/dashboards/catalogue',
];

const message: CountedMessage = {
  message_id: 'send-1',
  message_at: '2026-11-20T09:00:00.000Z',
  campaign_id: 'autumn',
  variant_id: 'price',
  template_name: 'sale',
  category: 'marketing',
  phone_number_id: '106540352242922',
  segment_id: null,
  market: 'India',
  contact_id: 'c-7',
  phone: '4915112344321',
  sent_at: '2026-11-20T09:00:02.000Z',
  delivered_at: '2026-11-20T09:00:30.000Z',
  read_at: '2026-11-20T10:00:00.000Z',
  replied_at: null,
  clicked_at: null,
  converted_at: null,
  unsubscribed_at: null,
  failed_at: null,
  error_code: null,
};

// A loaded machine may take a minute where a quiet one takes seconds.
vi.setConfig({ testTimeout: 60_000 });

/** The whole app on the stand-in shop, in a browser that logs in; its files are those of `dist/`. */
describeWithChromium('the dashboards in Chromium', () => {
  let browser: Browser;
  let test: AppUnderTest;
  let address: string;
  const asked: MessageQuestion[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    const shop = standInWarehouse(standInShop());
    const warehouse: Partial<Warehouse> = {
      metrics: shop.metrics,
      catalog: shop.catalog,
      campaigns: shop.campaigns,
      campaign: shop.campaign,
      decisions: async () => [],
      unanswered: async ({ at }) => ({
        at,
        waiting: [
          {
            contact_id: 'c-7',
            phone_ending: '4321',
            phone_number_id: '106540352242922',
            waba_id: null,
            since: '2026-11-21T06:00:00.000Z',
            last_message_at: '2026-11-21T06:00:00.000Z',
            minutes: 360,
            messages: 2,
            value_band: 'high',
            currency: 'EUR',
            spent_micros: '125500000',
            orders: 3,
          },
        ],
      }),
      messages: async (question) => {
        asked.push(question);
        return [message];
      },
      campaignReturns: async () => [
        {
          campaign_id: 'autumn',
          name: 'Autumn',
          margin: 0.5,
          currency: 'EUR',
          delivered: 1000,
          unpriced: 0,
          costMicros: 50_000_000n,
          revenueMicros: 400_000_000n,
          squares: 90_000,
          unvalued: 0,
          customers_won: 4,
          replyCostMicros: 0n,
          repliesUnpriced: 0,
          wonMonths: [],
          holdouts: [],
        },
      ],
    };
    test = await appUnderTest({ warehouse });
    test.clock.ms = shopNow.getTime();
    address = await test.app.listen({ port: 0, host: '127.0.0.1' });
  }, 120_000);
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(async () => {
    await browser.close();
    await test.app.close();
  });

  const open = async (role: Role, options: BrowserContextOptions = {}) => {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log' && message.type() !== 'info') complaints.push(`${page.url()} ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${page.url()} ${error.message}`));
    await page.goto(`${address}/login?token=${tokenOf(role)}`);
    return { page, complaints };
  };
  const drawn = (page: Page) => page.waitForFunction(() => !document.querySelector('figure[data-chart]:not(:has(.plot svg))'));

  /**
   * What axe finds on the page as it stands. Contrast, by far its dearest rule, is measured in the first ten rows of each table and
   * list: the rest are made alike. All other rules see everything.
   */
  const breaches = (page: Page) =>
    page.evaluate(async () => {
      const { axe: run } = globalThis as unknown as { axe: typeof import('axe-core') };
      for (const row of document.querySelectorAll('tbody > tr:nth-child(n + 11), dl > div:nth-child(n + 11)')) {
        for (const element of [row, ...row.querySelectorAll('*')]) element.setAttribute('data-alike', '');
      }
      run.configure({ rules: [{ id: 'color-contrast', selector: '*:not([data-alike])' }] });
      const { violations } = await run.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
        resultTypes: ['violations'],
      });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
    });

  it('lets an admin walk every page without a complaint; each keeps to WCAG AA by axe, and never scrolls sideways on a phone', async () => {
    const { page, complaints } = await open('admin', { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    for (const path of pages) {
      const answer = await page.goto(`${address}${path}`);
      expect([path, answer?.status()]).toEqual([path, 200]);
      await drawn(page);
      expect([path, await page.locator('main .problem').allTextContents()]).toEqual([path, []]);
      await page.evaluate(axe);
      expect([path, await breaches(page)]).toEqual([path, []]);
      if (path === '/' || path === '/dashboards/timing') {
        await page.emulateMedia({ colorScheme: 'dark' });
        expect([path, 'dark', await breaches(page)]).toEqual([path, 'dark', []]);
        await page.emulateMedia({ colorScheme: 'light' });
      }
      await page.setViewportSize({ width: 360, height: 740 });
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 360]);
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    expect(complaints).toEqual([]);
  }, 180_000);

  it.each<Role>(['analyst', 'growth', 'ops'])(
    'lets %s walk every page without a complaint, in French on a phone',
    async (role) => {
      const { page, complaints } = await open(role, { viewport: { width: 360, height: 740 } });
      for (const path of pages) {
        const answer = await page.goto(`${address}${path}?lang=fr`);
        expect([path, answer?.status()]).toEqual([path, 200]);
        expect([path, await page.locator('main .problem').allTextContents()]).toEqual([path, []]);
        expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 360]);
      }
      expect(complaints).toEqual([]);
    },
    120_000,
  );

  it('narrows by a form, keeps it in the address, and shows and hands out what the API says', async () => {
    const { page } = await open('analyst');
    await page.goto(`${address}/?range=custom&from=2026-11-01&to=2026-11-20`);
    await page.getByText('Narrow', { exact: true }).click();
    await page.getByLabel('Market').selectOption('India');
    await page.locator('details.narrow').getByRole('button', { name: 'Show' }).click();
    expect(new URL(page.url()).searchParams.getAll('market')).toEqual(['India']);
    const query = 'metrics=messages_requested,read_rate&by=campaign&from=2026-11-01&to=2026-11-21&where=market:India';
    const headers = bearer('analyst');
    const { rows } = (await test.app.inject({ url: `/v1/metrics?${query}`, headers })).json();
    const autumn = rows.find((row: { campaign: string }) => row.campaign === 'autumn');
    const shown = (column: number) => page.locator(`tr[data-key="autumn"] td:nth-of-type(${column}) data`).getAttribute('value');
    expect([await shown(1), await shown(4)].map(Number)).toEqual([autumn.messages_requested.value, autumn.read_rate.value]);

    const link = page.getByRole('link', { name: 'Campaigns as CSV' });
    const file = (await link.getAttribute('href')) ?? '';
    const { cookies } = await page.context().storageState();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const saved = await test.app.inject({ url: file, headers: { cookie } });
    const metrics = saved.payload.split('\r\n', 1)[0]?.split(',').slice(1) ?? [];
    const names = metrics.filter((name) => metrics.includes(`${name}_numerator`)).join(',');
    const api = await test.app.inject({
      url: `/v1/metrics?${query.replace('messages_requested,read_rate', names)}&limit=1000`,
      headers: { ...headers, accept: 'text/csv' },
    });
    expect(saved.rawPayload.equals(api.rawPayload)).toBe(true);
    expect((await test.app.inject({ url: file })).statusCode).toBe(401);
    expect((await test.app.inject({ url: file, headers: bearer('ingest') })).statusCode).toBe(403);
  });

  it('compares with the period before, by a link that stays in the address', async () => {
    const { page } = await open('analyst');
    await page.goto(`${address}/?range=7d`);
    await page.getByRole('link', { name: /Compare with the period before/ }).click();
    expect(new URL(page.url()).searchParams.get('compare')).toBe('previous');
    expect(await page.locator('.change').first().textContent()).toMatch(/[+−±][\d.]+ points from 9\d\.\d% the period before/);
  });

  it('compares with another campaign, chosen in a form, over all of its time', async () => {
    const { page } = await open('analyst');
    await page.goto(`${address}/campaigns/autumn?range=7d`);
    await page.getByText('Compare with a campaign').click();
    await page.getByLabel('Campaign, over all of its time').selectOption('Order updates');
    await page.locator('details.rivals').getByRole('button', { name: 'Show' }).click();
    expect(new URL(page.url()).searchParams.get('compare')).toBe('campaign:orders');
    const headers = bearer('analyst');
    const ask = async (query: string) =>
      (await test.app.inject({ url: `/v1/metrics?metrics=read_rate&${query}`, headers })).json();
    const rival = (await ask('where=campaign:orders')).rows[0].read_rate.value;
    const own = (await ask('where=campaign:autumn&from=2026-11-15')).rows[0].read_rate.value;
    const change = `${own > rival ? '+' : '−'}${(100 * Math.abs(own - rival)).toFixed(1)} points from ${(100 * rival).toFixed(1)}% of “Order updates”`;
    expect(await page.locator('figure', { hasText: /^Read/ }).first().locator('.change').textContent()).toContain(change);
  });

  it('leads from a figure to its messages, with numbers as far as the role may see them', async () => {
    const { page, complaints } = await open('analyst');
    await page.goto(`${address}/?range=custom&from=2026-11-01&to=2026-11-20&market=India`);
    await page.locator('tr[data-key="autumn"] td:nth-of-type(4) a.drill').click();
    const { pathname, searchParams } = new URL(page.url());
    expect([pathname, searchParams.get('campaign'), searchParams.get('market')]).toEqual(['/messages/read', 'autumn', 'India']);
    expect(asked.at(-1)).toEqual({
      counts: 'read',
      where: { campaign: ['autumn'], market: ['India'] },
      from: new Date('2026-11-01T00:00:00Z'),
      to: new Date('2026-11-21T00:00:00Z'),
      limit: 50,
    });
    const recipient = () => page.locator('table.messages td').first().textContent();
    expect(await recipient()).toBe('c-7…4321');
    expect(complaints).toEqual([]);
    await page.goto(`${address}/login?token=${tokenOf('admin')}`);
    await page.goto(`${address}/messages/read`);
    expect(await recipient()).toBe('c-74915112344321');
  });

  it('speaks French throughout once asked, and remembers it', async () => {
    const { page } = await open('analyst');
    await page.getByRole('link', { name: 'Français' }).click();
    await page.goto(`${address}/dashboards/timing`);
    expect(await page.locator('h1').textContent()).toBe('Moments');
    expect(await page.getByRole('navigation', { name: 'Principale' }).textContent()).toContain('Qualité des données');
    expect(await page.locator('table.plain thead th').first().textContent()).toBe('Client');
    expect(await page.locator('.plain td').first().textContent()).toMatch(/^6\sh$/);
  });

  it('draws its charts on the server for readers without script', async () => {
    const { page } = await open('analyst', { javaScriptEnabled: false, colorScheme: 'dark' });
    const svg = page.waitForResponse((answer) => answer.url().includes('/data/overview/rates.delivery_rate.svg'));
    await page.goto(`${address}/`);
    const asked = (await svg).url();
    expect(asked).toContain('scheme=dark');
    const answer = await page.request.get(asked);
    expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(await answer.text()).toMatch(/^<svg[\s\S]*#56b4e9[\s\S]*<\/svg>$/);
    expect(await page.locator('figure picture img').first().isVisible()).toBe(true);
  });

  it('saves a chart as PNG', async () => {
    const { page, complaints } = await open('analyst');
    await page.goto(`${address}/`);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Messages as PNG' }).click();
    const path = await (await saved).path();
    expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG');
    expect(complaints).toEqual([]);
  });

  it('is reached by keyboard: skip link, navigation with the page marked, filters', async () => {
    const { page } = await open('analyst');
    await page.goto(`${address}/dashboards/value`);
    const reached: string[] = [];
    for (let tab = 0; tab < 30; tab += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''));
    }
    expect(reached).toEqual(expect.arrayContaining(['Skip to content', 'Value', 'Control room', '7 days', 'Narrow', 'CSV']));
    expect(await page.locator('nav.pages [aria-current="page"]').textContent()).toBe('Value');
  });
});
