import { afterEach, beforeAll, beforeEach } from 'vitest';
import { ControlSnapshots } from '../../api/warehouse-thread/control-snapshot.ts';
import type { ControlSnapshot } from '../../controller/snapshot.ts';
import { type Facts, type ModelWarehouse, useModels } from './fixture.ts';

/** Noon of the day that the tests look from, and instants around it. */
export const noon = Date.parse('2026-11-20T12:00:00Z');
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** So long before noon, as the warehouse writes it; negative for after. */
export function ago(ms: number): string {
  return new Date(noon - ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** A warehouse in memory with the controller's reader on it. Its rests are measured by a clock that stands still. */
export function useControl() {
  const models = useModels({
    marts: ['contact_period', 'error_code', 'error_word', 'event_credit', 'message_state', 'waba_portfolio'],
  });
  let snapshots: ControlSnapshots | undefined;
  beforeAll(async () => {
    await models.get().built(true);
  });
  beforeEach(async () => {
    snapshots = await ControlSnapshots.open(models.get().database, () => 0);
  });
  afterEach(() => snapshots?.close());
  const read = async (at = noon): Promise<ControlSnapshot> => {
    if (snapshots === undefined) throw new Error('not open yet');
    await models.get().built(false);
    await snapshots.read(at, () => 0);
    await snapshots.settled();
    return snapshots.read(at, () => 0);
  };
  const hear = async (at = noon): Promise<ControlSnapshot['words'] | null> => (await snapshots?.words(at)) ?? null;
  return { models: (): ModelWarehouse => models.get(), read, hear };
}

/** A message of the autumn sale to VIPs, taken by the platform so long before noon. */
export function sale(accepted: number, given: Facts = {}): Facts {
  const states = { requested_at: ago(accepted + second), accepted_at: ago(accepted) };
  const stream = { campaign_id: 'autumn', template_name: 'sale', segment_id: 'vip', category: 'marketing' };
  return { ...states, ...stream, phone_number_id: 'n1', waba_id: 'w1', ...given };
}
