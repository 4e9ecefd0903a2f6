import type { ValueWarehouse } from '../api/value-warehouse.ts';
import * as queries from '../api/warehouse-thread/value-queries.ts';
import { tasks } from '../api/worker-pool/tasks.ts';
import type { WorkerPool } from '../api/worker-pool.ts';
import type { Connection } from '../sql/database.ts';

/** What the warehouse's thread answers about customer value, on a connection of a test. */
export function valueWarehouseOn(connection: Connection): ValueWarehouse {
  return {
    valueOverview: (until) => queries.valueOverview(connection, until),
    customerHistories: (question) => queries.customerHistories(connection, question),
    customerSpend: (question) => queries.customerSpend(connection, question),
    cohortRevenue: (question) => queries.cohortRevenue(connection, question),
    valueMark: (question) => queries.valueMark(connection, question),
    valueFit: (question) => queries.valueFit(connection, question),
    keepValueFit: (kept) => queries.keepValueFit(connection, kept),
    campaignReturns: (question) => queries.campaignReturns(connection, question),
  };
}

/** A pool without threads: does everything at once, with values copied as they would be on their way to a thread. Remembers what ran. */
export function poolInPlace(): WorkerPool & { ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    run: async (name, input) => {
      ran.push(name);
      return structuredClone(tasks[name](structuredClone(input) as never)) as never;
    },
    close: async () => undefined,
  };
}

/** Orders by person and day, as facts; the models have to be built for them. */
export async function insertOrders(
  connection: Connection,
  orders: readonly (readonly [string, string, number])[],
): Promise<void> {
  const rows = orders.map(([customer, day, amount], i) => ({ i, customer, day, micros: Math.round(amount * 1e6) }));
  await connection.run(
    `INSERT INTO fact_conversion (event_id, kind, occurred_at, contact_alias, order_id, amount_micros, currency)
     SELECT 'order ' || o.i, 'order', o.day::DATE + INTERVAL 12 HOUR, o.customer, 'order ' || o.i, o.micros, 'USD'
     FROM (SELECT unnest(from_json($1, '[{"i":"BIGINT","customer":"VARCHAR","day":"VARCHAR","micros":"BIGINT"}]')) AS o)`,
    [JSON.stringify(rows)],
  );
  await connection.exec(
    'INSERT INTO changed_contact (alias_id, changed_at) SELECT contact_alias, min(occurred_at) FROM fact_conversion GROUP BY contact_alias',
  );
}
