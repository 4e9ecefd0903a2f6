import fc from 'fast-check';
import { expect, it } from 'vitest';
import { useModels } from '../models/fixture.ts';

const models = useModels({ marts: ['inbound_answer'] });

interface Happening {
  kind: 'wrote' | 'answered' | 'echo';
  person: string;
  number: string;
  minute: number;
}

/** Over eleven days, so that the 72 hours matter; many at the same time. */
const happening: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom('wrote', 'wrote', 'answered', 'echo'),
  person: fc.constantFrom('u1', 'u2'),
  number: fc.constantFrom('n1', 'n1', 'n2'),
  minute: fc.integer({ min: 0, max: 80 }).map((step) => step * 200),
});
const at = (minute: number) => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');

let count = 0;
async function tell({ kind, person, number, minute }: Happening): Promise<void> {
  count += 1;
  const occurred_at = at(minute);
  const warehouse = models.get();
  if (kind === 'answered') {
    await warehouse.message(`m${count}`, {
      user_alias: person,
      phone_number_id: number,
      sent_at: occurred_at,
      delivered_at: occurred_at,
    });
  } else {
    await warehouse.insert('fact_inbound', {
      ...{ message_id: `i${count}`, user_alias: person, phone_number_id: number, occurred_at, message_type: 'text' },
      ...{ counted_type: kind === 'echo' ? 'echo' : 'reply', counts_as_reply: kind === 'wrote', content_hash: `i${count}` },
    });
  }
  await warehouse.insert('changed_contact', { alias_id: person, changed_at: occurred_at });
}

const rows = () =>
  models
    .get()
    .rows(
      'SELECT message_id, epoch_ms(occurred_at) AS occurred_at, contact, begins_turn, epoch_ms(answered_at) AS answered_at FROM inbound_answer ORDER BY message_id',
    );

/** The first answer to a message, by looking at all of them. */
function answerOf(message: Happening, all: Happening[]): number | null {
  const answers = all.filter(
    ({ kind, person, number, minute }) =>
      kind !== 'wrote' &&
      person === message.person &&
      number === message.number &&
      minute >= message.minute &&
      minute <= message.minute + 72 * 60,
  );
  return answers.length === 0 ? null : Math.min(...answers.map(({ minute }) => minute));
}

it('answers are the same in whatever order things are told, built bit by bit or at once, and those that a search finds', async () => {
  await models.get().built(true);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(happening, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      async (batches) => {
        await models.get().clear();
        const first = count + 1;
        for (const batch of batches) {
          for (const one of batch) await tell(one);
          await models.get().built();
        }
        const incremental = await rows();
        await models.get().built(true);
        expect(incremental).toEqual(await rows());
        const all = batches.flat();
        const found = new Map(incremental.map((row) => [String(row.message_id), row]));
        for (const [index, one] of all.entries()) {
          if (one.kind !== 'wrote') continue;
          const answer = answerOf(one, all);
          const row = found.get(`i${first + index}`);
          expect(row?.answered_at ?? null).toEqual(answer === null ? null : BigInt(Date.parse(`${at(answer)}Z`)));
        }
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);
