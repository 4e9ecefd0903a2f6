import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decoded, emptyDecoded, type Staged } from '../../ingest/staged.ts';
import { readProjectFile } from '../../sql/files.ts';
import { inboundRow, sendRow, statusRow } from '../staged-rows.ts';
import { timeOrderedId } from '../time-ordered-id.ts';
import { empty, factDump, memoryWarehouse } from '../warehouse.ts';

const day = 86_400_000_000n;
const start = 1_790_000_000_000_000n;

const time = fc.integer({ min: 0, max: 6 }).map((days) => start + (BigInt(days) * day) / 2n);
const messageNumber = fc.integer({ min: 0, max: 3 });
/** Message 0 and 1 have time-ordered send ids, 2 a plain one, 3 none at all. */
const sendId = (n: number) => (n < 2 ? timeOrderedId((start + BigInt(n) * day) / 1000n, n) : n === 2 ? 'order-77' : null);
const wamid = (n: number) => `wamid.${n}`;

const statusItem = fc.record({
  kind: fc.constant('status' as const),
  n: messageNumber,
  status: fc.constantFrom('sent', 'delivered', 'read', 'played', 'failed'),
  at: time,
  echoed: fc.boolean(),
  member: fc.constantFrom(null, null, null, 'pMEMBER'),
  code: fc.constantFrom(131026, 131049, null),
  type: fc.constantFrom('regular', 'free_entry_point', null),
});
const sendItem = fc.record({
  kind: fc.constant('send' as const),
  n: fc.integer({ min: 0, max: 2 }),
  step: fc.constantFrom('requested', 'accepted', 'held', 'rejected'),
  at: time,
  again: fc.constantFrom(false, false, true),
});
const inboundItem = fc.record({
  kind: fc.constant('inbound' as const),
  n: messageNumber,
  id: fc.integer({ min: 0, max: 2 }),
  at: time,
  reply: fc.boolean(),
});
type Item =
  | (typeof statusItem extends fc.Arbitrary<infer T> ? T : never)
  | (typeof sendItem extends fc.Arbitrary<infer T> ? T : never)
  | (typeof inboundItem extends fc.Arbitrary<infer T> ? T : never);

function stage(item: Item, into: Decoded): void {
  if (item.kind === 'status') into.status.push(statusOf(item));
  else if (item.kind === 'send') into.send.push(sendOf(item));
  else into.inbound.push(inboundOf(item));
}

function statusOf({ n, status, at, echoed, member, code, type }: Extract<Item, { kind: 'status' }>): Staged<'status'> {
  const send_id = echoed ? sendId(n) : null;
  return statusRow({
    message_id: wamid(n),
    participant_alias: member,
    status,
    occurred_at: at,
    send_id,
    callback_data: send_id,
    phone_alias: `pPHONE${n}`,
    error_code: status === 'failed' ? code : null,
    pricing_model: type === null ? null : 'PMP',
    pricing_type: type,
    pricing_category: type === null ? null : 'marketing',
    billable: type === null ? null : type === 'regular',
    content_hash: [n, status, at, send_id, member, code, type].join(' '),
  });
}

function sendOf({ n, step, at, again }: Extract<Item, { kind: 'send' }>): Staged<'send'> {
  return sendRow({
    event_id: `${n} ${step} ${at}`,
    step,
    occurred_at: at,
    send_id: sendId(n) ?? '',
    message_id: step === 'accepted' ? wamid(n) + (again ? '.again' : '') : null,
    contact_alias: step === 'requested' ? `cCONTACT${n}` : null,
    campaign_id: step === 'requested' ? `campaign at ${at}` : null,
    permit_id: step === 'requested' ? `permit at ${at}` : null,
    error_code: step === 'rejected' ? 132015 : null,
  });
}

function inboundOf({ n, id, at, reply }: Extract<Item, { kind: 'inbound' }>): Staged<'inbound'> {
  return inboundRow({
    message_id: `wamid.in${id}`,
    occurred_at: at,
    phone_alias: `pPHONE${n}`,
    counted_type: reply ? 'reply' : 'reaction',
    counts_as_reply: reply,
    context_id: wamid(n),
    content_hash: [n, at, reply].join(' '),
  });
}

const history = fc.array(fc.oneof({ weight: 4, arbitrary: statusItem }, { weight: 3, arbitrary: sendItem }, inboundItem), {
  minLength: 1,
  maxLength: 14,
});

let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
beforeAll(async () => {
  warehouse = await memoryWarehouse();
});
afterAll(() => warehouse.close());

/** Applies the evidence to an empty warehouse, in batches of the given sizes. */
async function applied(evidence: Item[], sizes: number[]) {
  await empty(warehouse.connection);
  let at = 0;
  for (let i = 0; at < evidence.length; i += 1) {
    const batch = emptyDecoded();
    for (const item of evidence.slice(at, at + (sizes[i % sizes.length] ?? 1))) stage(item, batch);
    at += sizes[i % sizes.length] ?? 1;
    await warehouse.apply.commit(batch, new Map([['log', BigInt(at)]]));
  }
  // Told less copies is what each table holds, whatever came twice.
  const books = await warehouse.connection.rows(readProjectFile('sql/queries/reconcile_facts.sql'));
  expect(books.filter(({ difference }) => difference !== 0n)).toEqual([]);
  return factDump(warehouse.connection);
}

it('gives the same facts for any order, any batching and any number of copies of the same records', async () => {
  await fc.assert(
    fc.asyncProperty(
      history.chain((items) =>
        fc.tuple(
          fc.constant(items),
          fc.shuffledSubarray([...items, ...items], { minLength: items.length * 2, maxLength: items.length * 2 }),
          fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        ),
      ),
      async ([items, shuffled, sizes]) => {
        const once = await applied(items, [items.length]);
        const again = await applied(shuffled, sizes);
        expect(again).toEqual(once);
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
}, 300_000);

describe('evidence that only a platform id names', () => {
  const status = (at: number, member: 'pMEMBER' | null, echoed: boolean): Item => ({
    kind: 'status',
    n: 2,
    status: 'delivered',
    at: start + (BigInt(at) * day) / 2n,
    echoed,
    member,
    code: null,
    type: null,
  });
  const request: Item = { kind: 'send', n: 2, step: 'requested', at: start + day / 2n, again: false };

  it('finds the row of the send when a member of a group has told which send it is', async () => {
    const evidence = [status(0, 'pMEMBER', true), request, status(6, null, false)];
    const [onebyone, once] = [await applied(evidence, [1]), await applied(evidence, [3])];
    expect(onebyone['fact_message']).toHaveLength(2);
    expect(onebyone).toEqual(once);
  });

  it('finds the row of the send when a row of the platform id alone lies nearer', async () => {
    const evidence = [request, status(6, null, false), status(6, null, true)];
    const [onebyone, once] = [await applied(evidence, [1]), await applied(evidence, [3])];
    expect(onebyone['fact_message']).toHaveLength(1);
    expect(onebyone).toEqual(once);
  });
});
