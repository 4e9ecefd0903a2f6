import type { EventLogReader } from '../../ingest/event-log.ts';
import { mentionsIn } from '../../ingest/forget-record.ts';
import { Forgotten, forgottenName } from '../../ingest/forgotten.ts';
import type { PrivacyWarehouse } from '../privacy-warehouse.ts';
import { ExperimentService } from './experiment-service.ts';
import { heldRows, inactiveNames, namesOf } from './privacy-queries.ts';

/** What the warehouse answers about persons; the rest of it is in service.ts. */
export abstract class PrivacyService extends ExperimentService implements Omit<PrivacyWarehouse, 'reloadForgotten'> {
  /** Everything ever logged. */
  protected abstract readonly history: EventLogReader;

  namesOf(...[names, at]: Parameters<PrivacyWarehouse['namesOf']>): ReturnType<PrivacyWarehouse['namesOf']> {
    return this.read((connection) => namesOf(connection, names, at));
  }

  inactiveNames(before: number): ReturnType<PrivacyWarehouse['inactiveNames']> {
    return this.read((connection) => inactiveNames(connection, before));
  }

  async heldOn(...[names, records]: Parameters<PrivacyWarehouse['heldOn']>): ReturnType<PrivacyWarehouse['heldOn']> {
    const tables = await this.read((connection) => connection.transaction(() => heldRows(connection, names)));
    return { tables, records: records ? await this.recordsNaming(names) : [] };
  }

  /** Goes through everything that is kept of the log. */
  private async recordsNaming(names: Parameters<PrivacyWarehouse['heldOn']>[0]): Promise<unknown[]> {
    const key = 'asked about';
    const found: unknown[] = [];
    const request = { id: key, at: Number.MAX_SAFE_INTEGER, salt: key, swept_at: null };
    const people = new Forgotten(key, [{ ...request, names: names.map((name) => forgottenName(key, name, name.from, name.to)) }]);
    const end = await this.history.end();
    const at = new Map<string, bigint>();
    while ([...end].some(([partition, next]) => (at.get(partition) ?? 0n) < next)) {
      for (const record of await this.history.read(at, 2 << 20)) {
        const { partition, offset, kind, receivedAt } = record;
        const place = {
          partition,
          offset: String(offset),
          kind,
          received_at: new Date(Number(receivedAt / 1000n)).toISOString(),
        };
        found.push(...mentionsIn(record, people).map((part) => ({ ...place, part })));
        at.set(partition, offset + 1n);
      }
    }
    return found;
  }
}
