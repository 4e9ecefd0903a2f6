import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Demo, type DemoOptions, runDemo } from '../../api/commands/demo.ts';
import { loadConfig } from '../../api/config.ts';
import { lagOf } from '../../api/health.ts';
import type { MetricValue } from '../../models/metric-query.ts';
import type { TallyReport } from '../../simulator/tally.ts';
import { temporaryFolder } from '../temporary.ts';

/** The metric that says what a count of the simulator says. */
const metricOf = {
  requested: 'messages_requested',
  accepted: 'messages_accepted',
  attempted: 'messages_attempted',
  sent: 'messages_sent',
  delivered: 'messages_delivered',
  read: 'messages_read',
  played: 'messages_played',
  clicked: 'messages_clicked',
  replied: 'messages_replied',
  unsubscribed: 'messages_unsubscribed',
  converted: 'messages_converted',
  failed: 'messages_failed',
  refused: 'messages_refused',
  dropped: 'messages_dropped',
} as const;
const counts = Object.keys(metricOf) as (keyof typeof metricOf)[];

type Row = Record<string, MetricValue> & { campaign: string | null; variant: string | null; error_code: string | null };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let said = '';
const options = (over: Partial<DemoOptions> = {}): DemoOptions => ({
  config: loadConfig({ SLUICE_DATA_DIR: join(folder.path, 'data'), SLUICE_HTTP_PORT: '0', SLUICE_LOG_LEVEL: 'error' }),
  contacts: 400,
  seed: 11,
  speed: 5000,
  screen: {
    write: (text: string) => {
      said += text;
    },
  },
  signal: new AbortController().signal,
  ...over,
});

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('the demo', () => {
  const stop = new AbortController();
  let demo: Demo;
  const ask = async (path: string): Promise<Row[]> => {
    const answer = await fetch(`${demo.server.url}${path}`, { headers: { authorization: `Bearer ${demo.token}` } });
    expect(answer.status, path).toBe(200);
    return ((await answer.json()) as { rows: Row[] }).rows;
  };
  /** Holds every number that the interface answers to the simulator's own count of what it sent. */
  const expectEqual = async (tally: TallyReport) => {
    const rows = await ask(`/v1/metrics?metrics=${Object.values(metricOf).join(',')},messages_held&by=campaign,variant`);
    const value = (row: Row, metric: string) => row[metric]?.value;
    const answered = rows.map((row) => [
      `${row.campaign}/${row.variant}`,
      { ...Object.fromEntries(counts.map((name) => [name, value(row, metricOf[name])])), held: value(row, 'messages_held') },
    ]);
    const expected = tally.rows.map((row) => [
      `${row.campaign_id}/${row.variant_id}`,
      // The platform holds or pauses; the metric has both in one.
      { ...Object.fromEntries(counts.map((name) => [name, row[name]])), held: row.held + row.paused },
    ]);
    expect(Object.fromEntries(answered)).toEqual(Object.fromEntries(expected));
    const failures = await ask('/v1/metrics?metrics=failures&by=error_code');
    const byCode = Object.fromEntries(
      failures.filter((row) => row['failures']?.value).map((row) => [row.error_code, row['failures']?.value]),
    );
    expect(byCode).toEqual(tally.total.failed_by_code);
  };

  beforeAll(async () => {
    demo = await Demo.open(options({ signal: stop.signal }));
    await demo.fill();
  }, 120_000);
  afterAll(async () => {
    stop.abort();
    await demo.close();
  });

  it('fills thirty days whose numbers are exactly what the simulator counted, by campaign and variant', async () => {
    const tally = demo.tally();
    expect(tally.total.delivered).toBeGreaterThan(1000);
    // Seven campaigns with their arms, and the chat; the bought list is yet to begin.
    expect(tally.rows.map((row) => row.campaign_id)).not.toContain('partner-leads');
    expect(tally.rows.length).toBeGreaterThanOrEqual(11);
    await expectEqual(tally);
  });

  it('refuses nothing, sets nothing aside, and shows rates that no numerator passes', async () => {
    const status = await demo.server.warehouse.status();
    expect(status.quarantined).toBe(0);
    expect(said).not.toMatch(/refused|stale/);
    const rows = await ask(
      '/v1/metrics?metrics=delivery_rate,read_rate,reply_rate,click_rate,conversion_rate,unsubscribe_rate&by=campaign',
    );
    for (const row of rows) {
      for (const value of Object.values(row)) {
        if (value !== null && typeof value === 'object') expect(value.numerator).toBeLessThanOrEqual(value.denominator);
      }
    }
  });

  it('shows on its pages, answers and lists what the facts hold', async () => {
    const get = async (path: string) => {
      const answer = await fetch(`${demo.server.url}${path}`, { headers: { authorization: `Bearer ${demo.token}` } });
      expect(answer.status, path).toBe(200);
      return answer.text();
    };
    // The facts, counted here.
    const [head = '', ...lines] = (await get('/v1/admin/export/fact_message?format=csv')).trim().split(/\r?\n/);
    const column = (name: string) => head.split(',').indexOf(name);
    const facts = lines.map((line) => line.split(','));
    const inFacts = (campaign: string, state: string) =>
      facts.filter((cells) => cells[column('campaign_id')] === campaign && cells[column(state)] !== '').length;
    const page = await get('/?range=custom&from=2000-01-01&to=2100-01-01');
    for (const campaign of ['weekly-news']) {
      const [, row = ''] = new RegExp(`<tr data-key="${campaign}">([\\s\\S]*?)</tr>`).exec(page) ?? [];
      const shown = [...row.matchAll(/<data[^>]* value="([^"]+)"/g)].map(([, value]) => Number(value));
      const requested = inFacts(campaign, 'requested_at');
      const delivered = inFacts(campaign, 'delivered_at');
      const [answer] = await ask(
        `/v1/metrics?metrics=messages_requested,messages_attempted,delivery_rate,read_rate&by=campaign&where=campaign:${campaign}`,
      );
      // In the order of the table's columns.
      expect(shown.slice(0, 4)).toEqual(
        ['messages_requested', 'messages_attempted', 'delivery_rate', 'read_rate'].map((name) => answer?.[name]?.value),
      );
      expect([shown[0], answer?.['delivery_rate']?.numerator]).toEqual([requested, delivered]);
      for (const part of ['delivered', 'read', 'replied', 'unsubscribed', 'failed']) {
        const metric = part === 'failed' ? 'failures' : `messages_${part}`;
        const [counted] = await ask(`/v1/metrics?metrics=${metric}&where=campaign:${campaign}`);
        const list = JSON.parse(await get(`/v1/messages?counts=${part}&where=campaign:${campaign}&limit=1000`));
        expect([part, list.messages.length]).toEqual([part, counted?.[metric]?.value]);
      }
    }
  });

  it('lets a browser in by the address that it prints', async () => {
    const answer = await fetch(demo.address, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly/);
  });

  it('goes on live, and the numbers stay equal', async () => {
    const before = demo.tally().updates;
    const pause = setTimeout(() => stop.abort(), 3000);
    await demo.goLive();
    clearTimeout(pause);
    const tally = demo.tally();
    expect(tally.updates.events + tally.updates.statuses).toBeGreaterThan(before.events + before.statuses);
    // The demo's own wait ends with its signal, which has been given.
    await vi.waitUntil(async () => lagOf(await demo.server.warehouse.positions()) === 0, { timeout: 20_000 });
    await demo.server.warehouse.buildModels(false);
    await expectEqual(tally);
  });
});

describe('sluice demo', () => {
  it('writes the count of the simulator and takes its data away, with --once', async () => {
    said = '';
    const tallyFile = join(folder.path, 'out', 'tally.json');
    await runDemo(options({ contacts: 30, tallyFile }));
    const { total, rows } = JSON.parse(await readFile(tallyFile, 'utf8')) as TallyReport;
    expect(total.requested).toBeGreaterThan(50);
    expect(rows.reduce((sum, row) => sum + row.requested, 0)).toBe(total.requested);
    expect(said).toMatch(/^\s*\d+ %\s+filling 30 days for 30 contacts/m);
    expect(said).toMatch(/30 days, 8 campaigns, \d+ messages in /);
    expect(existsSync(join(folder.path, 'data', 'demo'))).toBe(true);
    expect(existsSync(join(folder.path, 'data', 'warehouse.duckdb'))).toBe(false);
  }, 60_000);

  it('will not begin in a folder that has something in it', async () => {
    const used = join(folder.path, 'used');
    await mkdir(used);
    await writeFile(join(used, 'notes.txt'), 'mine');
    await expect(runDemo(options({ dataDir: used }))).rejects.toMatchObject({ code: 'config_invalid' });
    expect(await readFile(join(used, 'notes.txt'), 'utf8')).toBe('mine');
  });
});
