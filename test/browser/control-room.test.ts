import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { CohortRow } from '../../controller/snapshot.ts';
import { type AppUnderTest, appUnderTest, tokenOf } from '../app-under-test.ts';
import { describeWithChromium, launchChromium } from '../chromium.ts';

// A loaded machine may take a minute where a quiet one takes seconds.
vi.setConfig({ testTimeout: 60_000 });

/** The control room of the whole app, in a browser that logs in; its files are those of `dist/assets`. */
describeWithChromium('the control room in Chromium', () => {
  let browser: Browser;
  let test: AppUnderTest;
  let address: string;
  let cohorts: CohortRow[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    test = await appUnderTest({
      warehouse: {
        controlSnapshot: async (at) => ({
          as_of: at,
          lag: 0,
          complete_to: at,
          cohorts,
          numbers: [{ phone_number_id: '1', waba_id: null, portfolio_id: 'p', last_feedback_at: at, seen: 0, permitted: 0 }],
          ledgers: [{ portfolio_id: 'p', people: 500, limit: 2000 }],
          words: [],
          used: [],
          policies: [],
          curves: [],
          baselines: null,
          established: null,
        }),
      },
    });
    address = await test.app.listen({ port: 0, host: '127.0.0.1' });
    await test.app.control.tick();
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(async () => {
    await browser.close();
    await test.app.close();
  });

  const sent = (undeliverable: number): CohortRow => ({
    campaign_id: 'autumn',
    template_name: 'sale',
    segment_id: null,
    variant_id: null,
    market: null,
    phone_number_id: '1',
    category: 'marketing',
    sent_at: test.clock.ms - 3_600_000,
    sent: 100,
    held: 0,
    read: 0,
    replied: 0,
    clicked: 0,
    delivered: 100 - undeliverable,
    events: { undeliverable, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 },
  });
  /** Logs in, opens the page and gathers what the browser complains about. */
  const open = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; complaints: string[] }> => {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log' && message.type() !== 'info') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${address}/login?token=${tokenOf('ops')}`);
    await page.goto(`${address}/control`);
    return { page, complaints };
  };
  const set = async (page: Page) => {
    await page.getByLabel('Scope, e.g. campaign:autumn-sale').fill('template:sale');
    await page.getByLabel('What to do').selectOption('Pause');
    await page.getByLabel('For how long').selectOption('2 hours');
    await page.getByLabel('Why', { exact: true }).first().fill('legal looks at it');
    await page.getByRole('button', { name: 'Set it' }).click();
  };

  it.each([true, false])('pauses by the form and lifts it again, with JavaScript: %s', async (javaScriptEnabled) => {
    const { page, complaints } = await open({ javaScriptEnabled });
    await set(page);
    expect(new URL(page.url()).pathname).toBe('/control');
    expect(test.app.control.inForce()).toMatchObject([{ scope: 'template:sale', action: 'pause', actor: 'ops' }]);
    const row = page.locator('table.scopes tr[data-key="template:sale"]');
    expect(await row.textContent()).toMatch(/■ Stopped.*Stopped by ops until .*: legal looks at it\./);
    await page.getByLabel('Why Pause of sale is lifted').fill('it is fine');
    await page.getByRole('button', { name: 'Lift' }).click();
    expect(test.app.control.inForce()).toEqual([]);
    expect(await row.textContent()).toContain('● Open');
    expect(complaints).toEqual([]);
  });

  it('shows a refused form again with what was typed', async () => {
    const { page } = await open();
    await page.getByLabel('Scope, e.g. campaign:autumn-sale').fill('campaign:autum');
    await page.getByLabel('Why', { exact: true }).first().fill('why not');
    await page.getByRole('button', { name: 'Set it' }).click();
    expect(await page.getByRole('alert').first().textContent()).toMatch(/^It was not set\. Nothing is known of this scope/);
    expect(await page.getByLabel('Scope, e.g. campaign:autumn-sale').inputValue()).toBe('campaign:autum');
  });

  it('follows live: a stream that pauses comes first, and what is being typed stays', async () => {
    const { page, complaints } = await open();
    await page.getByLabel('Why', { exact: true }).first().fill('half a sent');
    await page.getByText('Show every detector').count();
    cohorts = [sent(60)];
    await expect
      .poll(() => page.locator('table.scopes tr[data-key="stream:autumn/sale/-"]').textContent(), { timeout: 15_000 })
      .toMatch(/‖ Paused.*60 of 100 messages could not be delivered/);
    expect(await page.getByLabel('Why', { exact: true }).first().inputValue()).toBe('half a sent');
    const first = page.locator('table.scopes tbody tr').first();
    expect(await first.getAttribute('data-key')).toMatch(/autumn/);
    expect(complaints).toEqual([]);
  });

  it('does not scroll sideways on a phone, and its table is reached by keyboard', async () => {
    cohorts = [sent(60)];
    await test.app.control.tick();
    const { page } = await open({ viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const region = page.getByRole('region', { name: 'Scopes, scrolls sideways' });
    await region.focus();
    expect(await region.evaluate((node) => node === document.activeElement)).toBe(true);
  });
});
