import { expect, it, vi } from 'vitest';
import { experiment, experiments } from '../../api/warehouse-thread/experiment-queries.ts';
import { LookFinder } from '../../api/warehouse-thread/look-finder.ts';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['experiment_arm_1h', 'experiment_revenue_1h'] });
const now = Date.parse('2026-11-21T12:00:00Z');

/** An hour of one arm, all of its people mature by now. */
const hour = (arm_id: string, people: number, clicked: number, more: Facts = {}) =>
  models.get().insert('experiment_arm_1h', {
    ...{ experiment_id: 'e', assigned_hour: '2026-11-10 10:00:00', arm_id, people, clicked, crossed: 0, contacted: people },
    ...{
      delivered: people,
      messages: people,
      read: 0,
      replied: 0,
      converted: 0,
      unsubscribed: 0,
      failed: 0,
      negative_replies: 0,
    },
    ...{ first_assigned_at: '2026-11-10 10:00:00', first_message_at: '2026-11-10 10:01:00' },
    ...more,
  });

/** Two arms of a thousand people each. */
const filed = async () => {
  const warehouse = models.get();
  await warehouse.build();
  await warehouse.insert('experiment_definition', {
    ...{ experiment_id: 'e', campaign_id: 'sale', name: 'Test', dimension: 'content', salt: 'e', metric: 'click', age_h: 24 },
    ...{
      longest_delay_h: 0,
      arms: JSON.stringify([
        { id: 'a', weight: 1 },
        { id: 'b', weight: 1 },
      ]),
      design_hash: 'h',
    },
    ...{ are_weights_known: true, changed_at: '2026-11-01 00:00:00' },
  });
  await hour('a', 1_000, 80);
  await hour('b', 1_000, 85);
  return warehouse;
};

it('a look is found once; what had nothing new to say is not judged again until something about it changes', async () => {
  const warehouse = await filed();
  const finder = new LookFinder();
  const asked = vi.spyOn(warehouse.connection, 'rows');
  const due = async (at = now) => {
    asked.mockClear();
    return (await finder.due(warehouse.connection, at)).map(({ look, state }) => [look, state]);
  };
  expect(await due()).toEqual([[11, 'inconclusive']]);
  const record = (look: number) =>
    warehouse.insert('fact_experiment_look', {
      ...{ experiment_id: 'e', look_key: `h/${look}/inconclusive`, looked_at: '2026-11-21 12:00:00', command_id: `${look}` },
      ...{ design_hash: 'h', look, state: 'inconclusive', document: '{"verdict":{"arm":"b"}}' },
    });
  await record(11);
  expect(await due()).toEqual([]);
  expect(asked.mock.calls.length).toBeGreaterThan(1);
  expect(await due()).toEqual([]);
  expect(asked.mock.calls).toHaveLength(1); // the marks alone
  await warehouse.connection.exec(`UPDATE experiment_arm_1h SET clicked = 200 WHERE arm_id = 'b'`);
  expect(await due()).toEqual([[11, 'winner']]);
  await warehouse.connection.exec(`UPDATE experiment_arm_1h SET clicked = 85 WHERE arm_id = 'b'`);
  expect(await due(now + 86_400_000)).toEqual([[12, 'inconclusive']]);
});

it('an arm that was held back alone is told of, with what the brake said, in every verdict from then on', async () => {
  const warehouse = await filed();
  let seq = 0;
  const decided = (scope: string, decided_at: string, more: Facts = {}) => {
    seq += 1;
    const at = Date.parse(`${decided_at}Z`);
    const numbers = { signal: 'undeliverable', events: 31, exposure: 104, accept: 0.05 };
    const document = { at, policy_mode: 'enforce', reason: { code: 'alarm_paused', numbers }, until: at + 3_600_000 };
    return warehouse.insert('fact_control_decision', {
      ...{ decision_id: `d${seq}`, seq, scope, decided_at, policy_mode: 'enforce', policy_hash: 'p', rule: 'alarm' },
      ...{ reason_code: 'alarm_paused', owner: 'controller', document: JSON.stringify(document), ...more },
    });
  };
  const notes = async () =>
    (await experiment(warehouse.connection, 'e', now))?.notes.filter(({ code }) => code === 'arm_braked') ?? [];
  await decided('variant:sale/b', '2026-11-09 14:00:00'); // before anybody was assigned
  await decided('variant:sale/b', '2026-11-11 14:00:00', { policy_mode: 'shadow' });
  await decided('variant:sale/b', '2026-11-11 14:00:00', { rule: 'steady' });
  await decided('variant:other/b', '2026-11-11 14:00:00');
  await decided('stream:sale/t/vip', '2026-11-11 14:00:00'); // of both arms alike
  expect(await notes()).toEqual([]);
  await decided('variant:sale/b', '2026-11-12 14:02:00');
  await decided('variant:sale/b', '2026-11-12 16:00:00');
  const [note, ...more] = await notes();
  expect(more).toEqual([]);
  expect(note?.text.en).toMatch(
    /^Arm b was held back on 2026-11-12 at 14:02 UTC .*“Paused until 15:02 UTC: 31 of 104 messages could not be delivered \(29\.8%/,
  );
  expect(note?.text.fr).toMatch(/^Le bras b a été retenu le 2026-11-12 à 14:02 UTC .*31 messages sur 104/);
  const [look] = await new LookFinder().due(warehouse.connection, now);
  expect(look?.document.verdict.sentence.en).toContain('Arm b was held back');
  const [listed] = await experiments(warehouse.connection, now);
  expect(listed?.sentence.fr).toContain('Le bras b a été retenu');
});
