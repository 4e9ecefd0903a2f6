import { afterAll, afterEach, beforeAll } from 'vitest';
import { ControlSnapshots } from '../../api/warehouse-thread/control-snapshot.ts';
import type { PlatformWord } from '../../controller/evidence.ts';
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

/** A warehouse in memory with the controller's reader on it. Its rests are measured by a clock that stands still unless it is told to wait. */
export function useControl() {
  let elapsed = 0;
  const models = useModels({
    marts: ['contact_period', 'error_code', 'error_word', 'event_credit', 'message_state', 'unreached_contact', 'waba_portfolio'],
  });
  const open = () => ControlSnapshots.open(models.get().database, () => elapsed);
  let reader: ControlSnapshots | undefined;
  let listener: ControlSnapshots | undefined;
  beforeAll(async () => {
    await models.get().built(true);
  });
  afterEach(async () => {
    await reader?.close();
    reader = undefined;
  });
  afterAll(() => listener?.close());

  /** The reader of this test on models that are up to the facts; what was heard after a snapshot of nothing is no longer so. */
  const ready = async (): Promise<ControlSnapshots> => {
    await models.get().built(false);
    await listener?.close();
    listener = undefined;
    reader ??= await open();
    return reader;
  };
  /** The first snapshot of a new reader: everything but what it learns beside its first. */
  const read = async (at = noon): Promise<ControlSnapshot> => {
    await reader?.close();
    reader = undefined;
    return (await ready()).read(at, nothingWaits);
  };
  /** The next snapshot of the same reader, once it has learned the curves: it keeps what it read before. */
  const readOn = async (at = noon): Promise<ControlSnapshot> => {
    const same = await ready();
    await same.read(at, nothingWaits);
    await same.settled();
    return same.read(at, nothingWaits);
  };
  /** The newest snapshot of the same reader with these campaigns counted anew, so long after it by the clock of rests. */
  const readBriefly = async (campaigns: string[], waitedMs = 0, at = noon): Promise<ControlSnapshot | null> => {
    elapsed += waitedMs;
    return (await ready()).readBriefly(at, campaigns);
  };
  /** A reader to which so few messages are many already; its readings cost nothing, so they have always rested. */
  const crowded = async (mostYoung: number) => {
    const crowd = await ControlSnapshots.open(models.get().database, () => elapsed, mostYoung);
    return {
      read: async (at: number) => {
        await models.get().built(false);
        const snapshot = await crowd.read(at, nothingWaits);
        await crowd.settled();
        return snapshot;
      },
      close: () => crowd.close(),
    };
  };
  /** What is heard after the newest snapshot of this test, without another one. */
  const hear = async (at = noon): Promise<PlatformWord[] | null> => (await reader?.words(at)) ?? null;
  /** What is heard after a snapshot of nothing: enough for what depends neither on messages nor on numbers. */
  const words = async (at = noon): Promise<PlatformWord[]> => {
    if (listener === undefined) {
      listener = await open();
      await listener.read(noon, nothingWaits);
    }
    return (await listener.words(at)) ?? [];
  };
  return { models: (): ModelWarehouse => models.get(), read, readOn, readBriefly, crowded, hear, words };
}

/** The log holds no more than the facts. */
function nothingWaits() {
  return { lag: 0, complete_to: null };
}

/** A permit for marketing of the number n1, given so long before noon, with a lease of a minute unless told. */
export function permitted(permit_id: string, before: number, granted: number, given: Facts = {}): Facts {
  return {
    ...{ permit_id, granted_at: ago(before), request_id: `ask ${permit_id}`, expires_at: ago(before - minute) },
    ...{ phone_number_id: 'n1', category: 'marketing', granted, is_shadow: false, people: 0, answer: '{}', ...given },
  };
}

/** A message of the autumn sale to VIPs, taken by the platform so long before noon. */
export function sale(accepted: number, given: Facts = {}): Facts {
  const states = { requested_at: ago(accepted + second), accepted_at: ago(accepted) };
  const stream = { campaign_id: 'autumn', template_name: 'sale', segment_id: 'vip', category: 'marketing' };
  return { ...states, ...stream, phone_number_id: 'n1', waba_id: 'w1', ...given };
}
