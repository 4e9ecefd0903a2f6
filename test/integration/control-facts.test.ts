import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveCommand, type Order } from '../../api/command-log.ts';
import { places } from '../../api/data-folder.ts';
import { WarehouseService } from '../../api/warehouse-thread/service.ts';
import { policySchema } from '../../controller/policy.ts';
import { initialState } from '../../controller/scope-state.ts';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import type { FirstPartyEventInput } from '../../ingest/event.ts';
import { historyReader } from '../../ingest/history-reader.ts';
import { temporaryFolder } from '../temporary.ts';

/** The warehouse in this process on a real log, as the controller sees it. */
const noon = new Date('2026-11-20T12:00:00Z');
const at = noon.getTime();
const minute = 60_000;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let log: EmbeddedLog;
let warehouse: WarehouseService;

const give = (order: Order) => giveCommand(log, order, 'ops', noon);
const tell = (...events: FirstPartyEventInput[]) => log.append('event', Buffer.from(JSON.stringify(events)), BigInt(at) * 1000n);

const address = {
  ...{ portfolio_id: null, waba_id: 'w1', phone_number_id: 'n1', template_name: 'sale', template_language: 'en' },
  ...{ campaign_id: 'autumn', variant_id: null, segment_id: 'vip' },
};
const grant = (permit_id: string, granted: number, people: string[]) => ({
  ...{ permit_id, request_id: `ask ${permit_id}`, address, category: 'marketing', granted, people, at: at - minute },
  ...{ expires_at: at + minute, shadow: false, answer: { permit_id, granted } },
});
const requested = (n: number): FirstPartyEventInput => ({
  ...{ id: `e${n}`, at: noon.toISOString(), type: 'message.requested', send_id: `s${n}`, phone: `4915100000${n}` },
  ...{
    phone_number_id: 'n1',
    campaign_id: 'autumn',
    template_name: 'sale',
    segment_id: 'vip',
    category: 'marketing',
    permit_id: 'p1',
  },
});

/** Snapshots until one has seen all that is in the log: on a busy machine apply may need longer than a snapshot waits. No two take the same time. */
async function complete() {
  for (;;) {
    const snapshot = { ...(await warehouse.controlSnapshot(at)), took_ms: 0 };
    if (snapshot.lag === 0) return snapshot;
  }
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const place = places(folder.path);
  log = await EmbeddedLog.open({ folder: place.log });
  const archive = await ArchiveReader.open(place.archive);
  warehouse = await WarehouseService.open({
    ...{
      dataDir: folder.path,
      memoryMb: 512,
      projectDir: null,
      threads: 1,
      refreshMs: 50,
      log,
      history: historyReader(archive, log),
    },
    now: () => noon,
    report: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
}, 60_000);
afterAll(async () => {
  await warehouse.close();
  await log.close();
  await folder.remove();
});

describe('the controller on a living warehouse', () => {
  it('has in a snapshot what is applied, and says to when that is everything that was durable', async () => {
    await give({ command: 'permit.grant', id: 'p1', body: { grants: [grant('p1', 5, []), grant('p2', 2, ['cA', 'cB'])] } });
    for (let n = 0; n < 3; n += 1) {
      await tell(requested(n));
      const snapshot = await complete();
      expect(snapshot).toMatchObject({ as_of: at, complete_to: at });
      expect(snapshot.used).toEqual([{ permit_id: 'p1', used: n + 1 }]);
      expect(snapshot.cohorts.reduce((sum, { sent }) => sum + sent, 0)).toBe(n + 1);
    }
    // From when on a number has permits is read with the far part of the horizon, which rests between.
    await expect
      .poll(async () => (await complete()).numbers, { timeout: 20_000 })
      .toMatchObject([{ phone_number_id: 'n1', seen: 3, permitted: 7 }]);
  });

  it('says how many records it has not seen when apply does not come to them in time', async () => {
    const end = log.end.bind(log);
    // An end that apply never reaches: a record more than there is.
    log.end = async () => new Map([...(await end())].map(([partition, next]) => [partition, next + 1n]));
    expect((await warehouse.controlSnapshot(at)).lag).toBe(1);
    log.end = end;
    expect((await complete()).lag).toBe(0);
  });

  it('calls for a look at once when facts hold harm, and is calm again when one has begun', async () => {
    const status = (n: number, status: string, more: object = {}) => ({
      ...{ id: `wamid.${n}`, status, timestamp: String(at / 1000), recipient_id: `4915100000${n}` },
      ...{ biz_opaque_callback_data: `s${n}`, ...more },
    });
    const post = (...statuses: object[]) => {
      const metadata = { display_phone_number: '15550783889', phone_number_id: 'n1' };
      const value = { messaging_product: 'whatsapp', metadata, statuses };
      const body = { object: 'whatsapp_business_account', entry: [{ id: 'w1', changes: [{ field: 'messages', value }] }] };
      return log.append('webhook', Buffer.from(JSON.stringify(body)), BigInt(at) * 1000n);
    };
    const applied = async () => {
      await expect
        .poll(async () => (await warehouse.positions()).every(({ lag }) => lag === '0'), { timeout: 20_000 })
        .toBe(true);
      return (await warehouse.controlNews(at)).urgent;
    };
    await complete();
    await tell(...[3, 4, 5, 6, 7].map(requested));
    await post(...[3, 4, 5, 6, 7].map((n) => status(n, 'sent')));
    expect(await applied()).toBe(false);
    await post(...[3, 4, 5, 6].map((n) => status(n, 'failed', { errors: [{ code: 131026, title: 'Message undeliverable' }] })));
    expect(await applied()).toBe(true);
    const { cohorts } = await complete();
    expect(cohorts.reduce((sum, { events }) => sum + events.undeliverable, 0)).toBe(4);
    expect(await applied()).toBe(false);
    // Failed already: nothing new.
    await post(...[3, 4, 5, 6].map((n) => status(n, 'failed', { errors: [{ code: 131026, title: 'Message undeliverable' }] })));
    expect(await applied()).toBe(false);
  });

  it('tells what is usual once: who names it is told its name only', async () => {
    const { baselines } = await complete();
    expect(baselines?.of).toEqual([]); // nothing is older than three days
    const { baselines: again } = await warehouse.controlSnapshot(at, baselines?.name);
    expect(again).toEqual({ name: baselines?.name, of: null });
    expect((await warehouse.controlSnapshot(at, 'another')).baselines).toEqual(baselines);
  });

  it('gives the same books, trail and counts after a rebuild', async () => {
    const state = initialState(policySchema.parse({}), 'campaign:autumn', at);
    const decision = {
      ...{ before: state, next: state, evidence: { cohorts: [] } },
      ...{ decision_id: 'd1', seq: 1, scope: 'campaign:autumn', at, policy_mode: 'enforce', policy_hash: 'h', rule: 'alarm' },
      ...{ limit: 10, per_second: null, reason: { code: 'undeliverable' }, until: null, owner: 'controller' },
    };
    const override = {
      scope: 'campaign:autumn',
      action: 'hold',
      window: null,
      per_second: null,
      reason: 'wait',
      until: null,
    } as const;
    await give({ command: 'control.policy', id: 'h', body: { policy: { mode: 'enforce' } } });
    await give({ command: 'control.decision', id: decision.scope, body: decision });
    await give({ command: 'control.override', id: 'o1', body: override });
    await give({ command: 'control.override', id: 'o2', body: override });
    await give({ command: 'control.lift', id: 'o1', body: { reason: 'done' } });
    await give({ command: 'permit.return', id: 'p1', body: { count: 2 } });

    const seen = async () => ({
      snapshot: await complete(),
      books: await warehouse.controlBooks(at),
      trail: await warehouse.decisions({ scopes: ['campaign:autumn'], changes: false, limit: 10, before_seq: null }),
      people: await warehouse.people([{ contact_id: null, phone: '+49151000001', user_id: null }], at, 24),
    });
    const before = await seen();
    expect(before.books.seq).toBe(1);
    expect(before.trail).toMatchObject([decision]);
    expect(before.books.overrides.map(({ override_id }) => override_id)).toEqual(['o2']);
    expect(before.books.grants.map(({ permit_id, people }) => [permit_id, people])).toEqual([
      ['p1', []],
      ['p2', ['cA', 'cB']],
    ]);
    expect(before.books.returned).toEqual([{ permit_id: 'p1', count: 2 }]);
    expect(before.people).toMatchObject([{ last_marketing_at: at }]);
    expect(before.snapshot.numbers).toMatchObject([{ seen: 8, permitted: 5 }]);

    await warehouse.rebuild();
    expect(await seen()).toEqual(before);
  }, 60_000);
});
