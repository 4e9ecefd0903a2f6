import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../api/config.ts';
import { lagOf } from '../../api/health.ts';
import { createLogger } from '../../api/logger.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import type { CohortRow, ControlReading, ControlSnapshot } from '../../controller/snapshot.ts';
import { Client } from '../../simulator/client.ts';
import { day, hour } from '../../simulator/emission.ts';
import { backfill, type Sink } from '../../simulator/player.ts';
import { Collector } from '../bench/brake/collector.ts';
import { prepareFolder } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';
import { smallWorld, startAt } from '../unit/simulator/worlds.ts';

/** By quarter hours: how fine the newest hours are cut is not the point here. */
function byQuarter(cohorts: readonly CohortRow[]) {
  const sums = new Map<string, number[]>();
  for (const row of cohorts) {
    const { campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category, events } = row;
    const quarter = new Date(Math.floor(row.sent_at / (hour / 4)) * (hour / 4)).toISOString();
    const key = [campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category, quarter].join(' ');
    const failures = [events.undeliverable, events.marketing_limit, events.platform_block, events.other_failure];
    const counts = [row.sent, row.held, row.delivered, ...failures, events.opt_out];
    const sum = sums.get(key) ?? counts.map(() => 0);
    sums.set(
      key,
      sum.map((value, i) => value + (counts[i] ?? 0)),
    );
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const words = ({ words }: Pick<ControlSnapshot, 'words'>) => words.map((word) => JSON.stringify(word)).sort();
const used = (snapshot: Pick<ControlSnapshot, 'used'>) =>
  Object.fromEntries(snapshot.used.filter((one) => one.used > 0).map((one) => [one.permit_id, one.used]));

describe('the counts that the benchmark of the brake keeps in memory', () => {
  const world = smallWorld({ contacts: 500, seed: 3, permitsFrom: startAt + 3.7 * day });
  const collector = new Collector();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningServer;
  let sql: ControlReading;
  let memory: ControlSnapshot;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const token = 'ingest-token-0123456789';
    const config = {
      ...loadConfig({ SLUICE_DATA_DIR: folder.path, SLUICE_HTTP_PORT: '0', SLUICE_LOG_LEVEL: 'error' }),
      tokens: [{ role: 'ingest' as const, token }],
      webhook: { appSecrets: ['secret'], verifyToken: 'verify' },
    };
    await prepareFolder(folder.path);
    server = await startServer(config, { logger: createLogger('error'), now: () => new Date(world.now) });
    const client = new Client({ url: server.url, appSecret: 'secret', token });
    const numberOf = new Map<string, string>();
    const both: Sink = {
      webhook: (body) => {
        collector.take([{ kind: 'webhook', at: 0, body, updates: 0 }]);
        return client.webhook(body);
      },
      events: (events) => {
        collector.take(events.map((event) => ({ kind: 'event', at: 0, event })));
        return client.events(events);
      },
      command: (path, body) => {
        collector.take([{ kind: 'command', at: 0, path, body }]);
        return client.command(path, body);
      },
      permit: async (request) => {
        const answer = await client.permit(request);
        const { permit_id, granted, expires_at } = answer;
        const { phone_number_id } = request;
        numberOf.set(permit_id, phone_number_id);
        collector.granted({ permit_id, phone_number_id, granted, at: world.now, expires_at });
        return answer;
      },
      giveBack: async (permitId, count) => {
        collector.returned(numberOf.get(permitId) ?? '', count);
        await client.giveBack(permitId, count);
      },
    };
    await backfill(world, both, startAt + 3.7 * day);
    // From here on it asks: short steps, or every answer would be too late.
    while (world.now < startAt + 4.1 * day) await backfill(world, both, world.now + hour / 120);
    await vi.waitUntil(async () => lagOf(await server.warehouse.positions()) === 0, { timeout: 30_000 });
    // Credits of opt-outs are a model, refreshed beside the facts.
    await server.warehouse.buildModels(false);
    memory = collector.snapshot(world.now);
    // What is older than two hours is read now and then: the snapshot comes to it.
    await vi
      .waitUntil(
        async () => {
          sql = await server.warehouse.controlSnapshot(world.now);
          return JSON.stringify(byQuarter(sql.cohorts)) === JSON.stringify(byQuarter(memory.cohorts));
        },
        { timeout: 30_000, interval: 1000 },
      )
      .catch(() => undefined); // The first test shows what differs.
    await client.close();
  }, 120_000);
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  it('are those of the warehouse, stream by stream and quarter hour by quarter hour', () => {
    expect(sql.cohorts.reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThan(1500);
    expect(byQuarter(memory.cohorts)).toEqual(byQuarter(sql.cohorts));
  });

  it('have the same words of the platform', () => {
    expect(words(sql).length).toBeGreaterThan(0);
    expect(words(memory)).toEqual(words(sql));
  });

  it('have the same numbers, with the same sends seen and rights given', () => {
    expect(sql.numbers.map(({ permitted }) => permitted > 0)).toEqual([true, true]);
    expect(memory.numbers).toEqual(sql.numbers);
  });

  it('have the same ledgers and the same use of permits', () => {
    expect(memory.ledgers).toEqual(sql.ledgers);
    expect(used(memory)).toEqual(used(sql));
  });
});
