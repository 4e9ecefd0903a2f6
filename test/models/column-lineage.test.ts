import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ColumnLineage, columnLineage } from '../../models/column-lineage.ts';
import { loadModels } from '../../models/runner.ts';
import { Database } from '../../sql/database.ts';
import { templateWarehouse } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';

const asked = ['message_state', 'funnel_15m', 'money_15m', 'limit_use_15m', 'error_code'];
let folder: { path: string; remove(): Promise<void> };
let found: Map<string, ColumnLineage>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const path = join(folder.path, 'warehouse.duckdb');
  await copyFile(await templateWarehouse(), path);
  const database = await Database.open({ path, memoryMb: 256, threads: 1 });
  const connection = await database.connect();
  const { models } = await loadModels();
  found = await columnLineage(
    connection,
    models.filter(({ name }) => asked.includes(name)),
  );
  connection.close();
  database.close();
}, 60_000);
afterAll(() => folder.remove());

const of = (model: string, column: string) => found.get(model)?.columns.get(column) ?? [];
const rowsOf = (model: string) => found.get(model)?.rows ?? [];

describe('the lineage of a column', () => {
  it('of a view is what its expression names', () => {
    // coalesce(contact_alias, user_alias, phone_alias) and coalesce(read_at, played_at) in message_state.sql
    expect(of('message_state', 'person_alias')).toEqual([
      'fact_message.contact_alias',
      'fact_message.phone_alias',
      'fact_message.user_alias',
    ]);
    expect(of('message_state', 'read_at')).toEqual(['fact_message.played_at', 'fact_message.read_at']);
    expect(of('message_state', 'sent_at')).toEqual(['fact_message.sent_at']);
  });

  it('goes through views and joins to the facts and tables behind them', () => {
    expect(of('funnel_15m', 'delivered')).toEqual(['fact_message.delivered_at']);
    expect(of('funnel_15m', 'clicked')).toEqual(['fact_message.clicked_at']);
    expect(of('funnel_15m', 'replied')).toEqual([
      'campaign_window.reply_window_h',
      'fact_message.delivered_at',
      'fact_message.replied_at',
      'touch_credit.occurred_at',
    ]);
    expect(of('money_15m', 'contribution_micros')).toEqual(['campaign_window.margin', 'order_revenue.revenue_micros']);
  });

  it('of a seed is the column of its file', () => {
    expect(of('error_code', 'class')).toEqual(['error_code.csv.class']);
  });

  it('goes through the temporary tables of a model', () => {
    // The limit is the registry's; people are counted from the rows of three temporary tables, which are not named.
    expect(of('limit_use_15m', 'limit_people')).toContain('dim_registry.messaging_limit');
    expect(rowsOf('limit_use_15m')).toEqual(expect.arrayContaining(['fact_message.sent_at', 'fact_inbound.occurred_at']));
    expect(rowsOf('limit_use_15m').filter((source) => /^(write|heard|covered)\./.test(source))).toEqual([]);
  });

  it('tells apart what every row depends on', () => {
    expect(rowsOf('funnel_15m')).toEqual(
      expect.arrayContaining(['fact_message.message_at', 'fact_message.campaign_id', 'country_market.market']),
    );
    expect(of('funnel_15m', 'campaign_id')).toEqual([]);
  });
});
