import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dashboard } from '../../../api/pages/dashboard.ts';
import { loadDashboards } from '../../../api/pages/dashboard-files.ts';
import { contentSecurityPolicy } from '../../../api/pages/security.ts';
import type { MetricQuery } from '../../../models/metric-query.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { pagesApp } from '../../pages-app.ts';
import { standInShop } from '../../stand-in-shop.ts';
import { standInWarehouse } from '../../stand-in-warehouse.ts';

const apps: FastifyInstance[] = [];
const appOn = async (...options: Parameters<typeof pagesApp>) => {
  const app = await pagesApp(...options);
  apps.push(app);
  return app;
};
afterAll(() => Promise.all(apps.map((app) => app.close())));

const text = (html: string) =>
  html
    .replaceAll(/<script[\s\S]*?<\/script>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
/** The cells of the table row whose header cell has this text, tags taken out. */
const row = (html: string, header: string): string[] => {
  const found = [...html.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)].map(([, cells = '']) =>
    [...cells.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => text(cell).trim()),
  );
  return found.find(([first]) => first?.startsWith(header)) ?? [];
};

describe('the overview', () => {
  let html: string;
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    html = (await app.inject('/')).payload;
  });

  it('lists each campaign with what it is, its funnel and its rates with interval and counts', () => {
    const cells = row(html, 'Autumn sale');
    expect(cells[0]).toContain('revenue · Marketing');
    expect(cells[0]).toContain('not final');
    const shop = standInShop().buckets.filter(
      ({ mart, dimensions }) => mart === 'funnel_15m' && dimensions.campaign === 'autumn',
    );
    const sum = (part: string) => shop.reduce((total, { counts }) => total + (counts[part] ?? 0), 0);
    const number = new Intl.NumberFormat('en-GB');
    expect(cells[1]).toBe(number.format(sum('requested')));
    expect(cells[3]).toContain(`${((100 * sum('delivered')) / sum('attempted')).toFixed(1)}%`);
    expect(cells[3]).toContain(`${number.format(sum('delivered'))} / ${number.format(sum('attempted'))}`);
    expect(cells[3]).toMatch(/95% interval 9\d\.\d–9\d\.\d%/);
  });

  it('shows a campaign without messages, its rates undefined rather than zero', () => {
    const [name, ...cells] = row(html, 'Winter, planned');
    expect(name).toContain('Winter, planned');
    expect(cells.every((cell) => cell.startsWith('—'))).toBe(true);
    expect(cells.join()).not.toMatch(/0/);
  });

  it('says in a word when a rate stands on few messages', () => {
    expect(row(html, '&lt;script>')[3]).toMatch(/50\.0%.*6 \/ 12.*few/);
  });

  it('writes names as text, in markup and in data', () => {
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&lt;script>alert(&quot;x&quot;)');
    const data = [...html.matchAll(/<script type="application\/json"[^>]*>([\s\S]*?)<\/script>/g)];
    expect(data.length).toBeGreaterThan(5);
    for (const [, json = ''] of data) expect(() => JSON.parse(json)).not.toThrow();
  });

  it('carries no script or style of its own, and forbids them', async () => {
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)(?![^>]*type="application\/json")[^>]*>/g)];
    expect(inline).toEqual([]);
    const { headers } = await app.inject('/');
    expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
    expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('sorts the table by a metric, largest first and undefined last', async () => {
    const { payload } = await app.inject('/?sort=campaigns.click_rate');
    const names = [...payload.matchAll(/data-key="([^"]*)"><th scope="row"><span class="member"><a/g)].map(([, name]) => name);
    expect(names).toEqual(['orders', 'autumn', 'leads', 'planned']);
    expect(payload).toContain('aria-sort="descending"');
  });

  it('keeps range, zone and order in every link', async () => {
    const { payload } = await app.inject('/?range=7d&zone=Asia/Kolkata&sort=campaigns.click_rate');
    expect(payload).toContain('href="/campaigns/autumn?range=7d&amp;zone=Asia%2FKolkata"');
    expect(payload).toContain('href="?range=24h&amp;zone=Asia%2FKolkata&amp;sort=campaigns.click_rate"');
  });

  it('speaks French when asked, and remembers it', async () => {
    const { payload, headers } = await app.inject('/?lang=fr');
    expect(payload).toContain('<html lang="fr">');
    expect(payload).toContain('>94,0\u202f%<');
    expect(headers['set-cookie']).toMatch(/^sluice_lang=fr; .*SameSite=Lax/);
    const again = await app.inject({ url: '/', headers: { cookie: 'sluice_lang=fr', 'accept-language': 'en' } });
    expect(again.payload).toContain('<html lang="fr">');
    expect((await app.inject({ url: '/', headers: { 'accept-language': 'fr-BE, en;q=0.5' } })).payload).toContain('lang="fr"');
  });

  it('offers its content for live updates, and 304 while nothing changed', async () => {
    const first = await app.inject('/data/overview?range=30d&lang=en');
    const forScript = html.replaceAll(/<noscript[\s\S]*?<\/noscript>/g, '');
    expect(forScript.includes(JSON.parse(first.payload).content)).toBe(true);
    const headers = { 'if-none-match': String(first.headers.etag) };
    expect((await app.inject({ url: '/data/overview?range=30d&lang=en', headers })).statusCode).toBe(304);
    expect((await app.inject({ url: '/data/overview?range=7d&lang=en', headers })).statusCode).toBe(200);
  });
});

describe('the page of a campaign', () => {
  it('says what it is, its windows and its arms', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const page = text((await app.inject('/campaigns/autumn')).payload);
    expect(page).toContain('Replies within 24 h, opt-outs within 24 h, conversions within 7 days after delivery');
    expect(page).toMatch(/Price first 45\.0% of people.*Nothing sent 10\.0% of people, hold-out, gets no message/);
  });

  it('counts only its own messages, by variant, segment and market', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const { payload } = await app.inject('/campaigns/autumn');
    expect(row(payload, 'Picture first')[5]).toContain('6.01%');
    expect(row(payload, 'Price first')[5]).toContain('4.99%');
    expect(row(payload, 'Nothing sent').slice(1).join('')).toMatch(/^(—[^0-9]*)+$/);
    expect(row(payload, 'loyal')[0]).toContain('loyal');
    expect(row(payload, 'India')[0]).toContain('India');
  });

  it('puts failures under their class, with what each code means', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const { payload } = await app.inject('/campaigns/autumn');
    expect(row(payload, 'Blocked by the platform').slice(-2)).toEqual(['1,200', '60.0%']);
    expect(row(payload, '131026')).toEqual([
      '131026',
      'Undeliverable: not on WhatsApp, old app, or terms not accepted',
      '600',
      '30.0%',
    ]);
    expect(row(payload, '999999')[1]).toMatch(/Not in our list/);
  });

  it('asks the warehouse a handful of questions, and fewer for a live update', async () => {
    const warehouse = standInWarehouse(standInShop());
    let asked = 0;
    const app = await appOn({
      warehouse: {
        ...warehouse,
        metrics: (query) => {
          asked += 1;
          return warehouse.metrics(query);
        },
      },
    });
    const questions = async (url: string) => {
      asked = 0;
      await app.inject(url);
      return asked;
    };
    // The whole range, over time, by age, by variant, code, segment and market; what its filters offer is among them. The overview:
    // the whole range, over time, by campaign, and what three more filters offer.
    expect(await questions('/campaigns/autumn')).toBeLessThanOrEqual(7);
    expect(await questions('/')).toBeLessThanOrEqual(6);
    expect(await questions('/data/overview')).toBeLessThanOrEqual(3);
  });

  it('is not found when nobody knows the campaign', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const { statusCode, payload } = await app.inject('/campaigns/no-such');
    expect([statusCode, JSON.parse(payload).code]).toEqual([404, 'not_found']);
  });
});

describe('when things are not as usual', () => {
  it('tells on the first day what to do next, with the address of this server', async () => {
    const app = await appOn({ warehouse: standInWarehouse({ buckets: [], campaigns: [] }) });
    const { payload } = await app.inject({ url: '/', headers: { host: 'sluice.example:8443' } });
    expect(payload).toContain('http://sluice.example:8443/webhooks/whatsapp');
    expect(text(payload)).toContain('npm run demo');
  });

  it('says so when the range holds nothing but other times do', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const page = text((await app.inject('/?from=2020-01-01&to=2020-01-02')).payload);
    expect(page).toContain('Nothing in this range');
    expect(page).toContain('There is data up to 21 Nov 2026');
  });

  it('shows the other panels when one cannot be asked', async () => {
    const warehouse = standInWarehouse(standInShop());
    const app = await appOn({
      warehouse: {
        ...warehouse,
        metrics: async (query) => {
          if (query.by.includes('campaign')) throw new SluiceError('warehouse_busy', { detail: 'a rebuild is under way' });
          return warehouse.metrics(query);
        },
      },
    });
    const { statusCode, payload } = await app.inject('/');
    expect(statusCode).toBe(200);
    expect(text(payload)).toContain(
      'This panel cannot be shown. The warehouse is busy: a rebuild is under way. Try again shortly.',
    );
    expect(payload).toContain('data-chart');
  });

  it('asks what differs only in its metrics as one question, and a wrong one fails alone', async () => {
    const warehouse = standInWarehouse(standInShop());
    const asked: string[][] = [];
    const metrics = (query: MetricQuery) => {
      asked.push(query.metrics);
      return warehouse.metrics(query);
    };
    const dashboards = loadDashboards();
    const right = await appOn({ warehouse: { ...warehouse, metrics }, dashboards });
    await right.inject('/');
    expect(asked).toHaveLength(3 + 3); // in total, over time, by campaign; and what three more filters offer
    asked.length = 0;
    await right.inject('/data/overview');
    expect(asked).toHaveLength(3); // a live update leaves the filters alone
    const loaded = dashboards.get('overview');
    if (loaded === undefined || !('dashboard' in loaded)) throw new Error('no overview');
    const panels = loaded.dashboard.panels.map((panel) =>
      panel.id === 'funnel' && panel.chart === 'funnel'
        ? { ...panel, query: { ...panel.query, metrics: ['no_such_metric'] } }
        : panel,
    ) as Dashboard['panels'];
    const wrong = new Map([['overview', { dashboard: { ...loaded.dashboard, panels } }]]);
    const page = text((await (await appOn({ warehouse, dashboards: wrong })).inject('/')).payload);
    expect(page.match(/This panel cannot be shown/g)).toHaveLength(1);
    expect(page).toContain('there is no metric &quot;no_such_metric&quot;');
    expect(page).toContain('56,577 / 59,739');
  });

  it('names the marts that serve an older state', async () => {
    const app = await appOn({ warehouse: standInWarehouse({ ...standInShop(), stale: ['funnel_15m'] }) });
    expect(text((await app.inject('/')).payload)).toContain('An older state is shown for: funnel_15m.');
  });

  it('takes only the page of a broken dashboard away, with file and line', async () => {
    const error = new SluiceError('dashboard_invalid', {
      file: 'dashboards/overview.yaml',
      line: 7,
      detail: 'panels.0.chart: is wrong',
    });
    const app = await appOn({ warehouse: standInWarehouse(standInShop()), dashboards: new Map([['overview', { error }]]) });
    const { statusCode, payload } = await app.inject('/');
    expect([statusCode, JSON.parse(payload).detail]).toEqual([500, 'dashboards/overview.yaml:7: panels.0.chart: is wrong']);
  });

  it('ignores what an address asks for that does not exist, and says so', async () => {
    const app = await appOn({ warehouse: standInWarehouse(standInShop()) });
    const page = text((await app.inject('/?range=<b>&zone=Mars')).payload);
    expect(page).toContain('“Mars” is not a time zone');
    expect(page).toContain('“&lt;b>” is not a range');
  });
});
