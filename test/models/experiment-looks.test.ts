import { expect, it, vi } from 'vitest';
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

it('a look is found once; what had nothing new to say is not judged again until something about it changes', async () => {
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
