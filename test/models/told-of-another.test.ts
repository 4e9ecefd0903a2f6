import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Apply } from '../../ingest/apply.ts';
import { type Decoded, emptyDecoded } from '../../ingest/staged.ts';
import { aliasRow, conversionRow, inboundRow, sendRow, statusRow } from '../staged-rows.ts';
import { useModels } from './fixture.ts';

/** 2026-09-20 at this hour UTC, in microseconds. */
const at = (hour: number) => BigInt(Date.UTC(2026, 8, 20, hour)) * 1000n;
const models = useModels({ marts: ['free_window', 'touch_credit'] });
let apply: Apply;
let records = 0n;

beforeAll(async () => {
  apply = await Apply.on(await models.get().database.connect(), { smallTable: 0n });
});
// Seeds, and everything else for once; from then on a build takes what has changed.
beforeEach(async () => {
  await models.get().built(true);
});

/** Applies these rows as one batch and brings the models up to them. */
async function told(rows: Partial<Decoded>): Promise<void> {
  records += 1n;
  const aliases = ['cAnna', 'cBert', 'p0', 'p1'].map(aliasRow);
  await apply.commit({ ...emptyDecoded(), contact_alias: aliases, ...structuredClone(rows) }, new Map([['log', records]]));
  await models.get().built();
}

const rows = (sql: string) => models.get().rows(sql);

/** A message to p1, accepted at nine and delivered at ten, and an order of p1 at noon. */
const deliveredAndOrdered: Partial<Decoded> = {
  send: [sendRow({ event_id: 'accepted', step: 'accepted', occurred_at: at(9), send_id: 'send', message_id: 'wamid' })],
  status: [statusRow({ message_id: 'wamid', status: 'delivered', occurred_at: at(10), phone_alias: 'p1', content_hash: '1' })],
  conversion: [conversionRow({ event_id: 'order', occurred_at: at(12), phone_alias: 'p1', order_id: '7' })],
};
const credited = () => rows(`SELECT DISTINCT event_id, contact FROM touch_credit`);

describe('what is told of somebody else by another record with the same id', () => {
  it('opens the window of the person whom the facts keep, and closes the other one', async () => {
    const text = { message_id: 'wamid.in', content_hash: '' };
    await told({ inbound: [inboundRow({ ...text, occurred_at: at(9), phone_alias: 'p1' })] });
    expect(await rows('SELECT alias_id FROM free_window')).toEqual([{ alias_id: 'p1' }]);
    await told({ inbound: [inboundRow({ ...text, occurred_at: at(8), phone_alias: 'p0' })] });
    expect(await rows('SELECT alias_id FROM free_window')).toEqual([{ alias_id: 'p0' }]);
  });

  it('takes the credit for an order from the message to a person who did not order', async () => {
    await told(deliveredAndOrdered);
    expect(await credited()).toEqual([{ event_id: 'order', contact: 'p1' }]);
    await told({ conversion: [conversionRow({ event_id: 'order', occurred_at: at(11), phone_alias: 'p0', order_id: '7' })] });
    expect(await credited()).toEqual([]);
  });

  it('takes the credit from a message that was delivered to somebody else', async () => {
    await told(deliveredAndOrdered);
    await told({
      status: [
        statusRow({ message_id: 'wamid', status: 'delivered', occurred_at: at(10), phone_alias: 'p0', content_hash: '0' }),
      ],
    });
    expect(await rows('SELECT phone_alias FROM fact_message')).toEqual([{ phone_alias: 'p0' }]);
    expect(await credited()).toEqual([]);
  });

  it('takes the credit from a message known by its id alone, when its send names somebody else', async () => {
    const status = { status: 'delivered', occurred_at: at(10), phone_alias: 'p1', content_hash: '1' };
    await told({ ...deliveredAndOrdered, send: [], status: [statusRow({ message_id: 'wamid', ...status })] });
    expect(await credited()).toEqual([{ event_id: 'order', contact: 'p1' }]);
    await told({
      send: [
        sendRow({
          event_id: 'r',
          step: 'requested',
          occurred_at: at(8),
          send_id: 'send',
          contact_alias: 'cBert',
          phone_alias: 'p0',
        }),
        sendRow({ event_id: 'a', step: 'accepted', occurred_at: at(9), send_id: 'send', message_id: 'wamid' }),
      ],
    });
    expect(await rows('SELECT contact_alias FROM fact_message')).toEqual([{ contact_alias: 'cBert' }]);
    expect(await credited()).toEqual([]);
  });
});
