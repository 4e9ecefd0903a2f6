import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { empty, factDump, memoryWarehouse } from '../warehouse.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const instant = fc.integer({ min: 0, max: 5 }).map((minutes) => noon + minutes * 60_000);
const few = (letter: string) => fc.integer({ min: 0, max: 3 }).map((n) => `${letter}${n}`);
const limit = fc.option(fc.integer({ min: 0, max: 500 }));

const grant = fc
  .tuple(few('p'), instant, fc.uniqueArray(few('c'), { maxLength: 3 }), fc.integer({ min: 0, max: 9 }))
  .map(([permit_id, at, people, granted]) => ({
    ...{
      permit_id,
      request_id: `ask ${permit_id}`,
      category: 'marketing',
      granted,
      people,
      at,
      expires_at: at + 60_000,
      shadow: false,
    },
    address: {
      ...{ portfolio_id: null, waba_id: null, phone_number_id: 'n', template_name: null, template_language: null },
      ...{ campaign_id: 'a', variant_id: null, segment_id: null },
    },
    answer: { permit_id, granted },
  }));
const order = fc.oneof(
  fc.record({ command: fc.constant('control.policy'), id: few('h'), body: fc.record({ policy: fc.record({ a: limit }) }) }),
  fc.record({
    command: fc.constant('control.decision'),
    id: few('s'),
    body: fc.record({
      ...{ decision_id: few('d'), seq: fc.integer({ min: 1, max: 4 }), scope: few('s'), at: instant, policy_mode: few('m') },
      ...{ policy_hash: few('h'), rule: few('r'), limit, per_second: limit, reason: fc.record({ code: few('w') }) },
      ...{ until: fc.option(instant), owner: few('o') },
    }),
  }),
  fc.record({
    command: fc.constant('control.override'),
    id: few('o'),
    body: fc.record({
      ...{ scope: few('s'), action: fc.constantFrom('pause', 'limit', 'hold', 'resume'), window: limit, per_second: limit },
      ...{ reason: few('w'), until: fc.option(instant) },
    }),
  }),
  fc.record({ command: fc.constant('control.lift'), id: few('o'), body: fc.record({ reason: few('w') }) }),
  fc.record({
    command: fc.constant('permit.grant'),
    id: few('p'),
    body: fc.record({ grants: fc.array(grant, { minLength: 1, maxLength: 3 }) }),
  }),
  fc.record({ command: fc.constant('permit.return'), id: few('p'), body: fc.record({ count: fc.integer({ min: 1, max: 3 }) }) }),
  fc.record({
    command: fc.constant('portfolio.put'),
    id: few('f'),
    body: fc.record({ messaging_limit: fc.integer({ min: 1, max: 9 }) }),
  }),
);
const commands = fc.array(fc.tuple(order, instant), { minLength: 1, maxLength: 12 }).map((given) =>
  given.map(([{ command, id, body }, at], n) => ({
    ...{ command_id: `k${n}`, at: new Date(at).toISOString(), actor: 'ops', command, id, body },
  })),
);

let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
beforeAll(async () => {
  warehouse = await memoryWarehouse();
});
afterAll(() => warehouse.close());

/** The facts of an empty warehouse after these commands, so many in one transaction. */
async function factsOf(given: readonly unknown[], batch: number) {
  const { connection, apply } = warehouse;
  await empty(connection);
  for (let from = 0; from < given.length; from += batch) {
    const decoded = emptyDecoded();
    given.slice(from, from + batch).forEach((command, n) => {
      const body = Buffer.from(JSON.stringify(command));
      decodeRecord({ partition: 'p', offset: BigInt(from + n), kind: 'command', receivedAt: 0n, body }, decoded);
    });
    await apply.commit(decoded, new Map([['p', BigInt(from + batch)]]));
  }
  return factDump(connection);
}

describe('the facts of the controller', () => {
  it('are the same for any order, any batching and any number of copies of the same commands', async () => {
    const shuffled = commands.chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc
          .subarray(given)
          .chain((again) => fc.shuffledSubarray([...given, ...again], { minLength: given.length + again.length })),
        fc.integer({ min: 1, max: 5 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([given, other, batch]) => {
        const facts = await factsOf(given, given.length);
        expect(facts['quarantine']).toEqual([]);
        expect(await factsOf(other, batch)).toEqual(facts);
      }),
      { numRuns: 25 },
    );
  }, 240_000);
});
