import { describe, expect, it } from 'vitest';
import { readProjectFile } from '../../sql/files.ts';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['experiment_arm_1h', 'experiment_revenue_1h'] });

const built = (full = false) => models.get().built(full);

const arms = (...given: Facts[]) =>
  JSON.stringify(given.map((arm) => ({ weight: 1, holdout: false, send_after_hours: 0, ...arm })));
const register = (more: Facts = {}) =>
  models.get().insert('dim_experiment', {
    experiment_id: 'e',
    changed_at: '2026-11-01 00:00:00',
    command_id: 'c1',
    name: 'Test',
    campaign_id: 'sale',
    dimension: 'content',
    salt: 'e',
    metric: 'click',
    age_h: 24,
    arms: arms({ id: 'a' }, { id: 'b' }),
    design_hash: 'h',
    settings: '{}',
    ...more,
  });
const assign = (contact_alias: string, arm_id: string, assigned_at: string, more: Facts = {}) =>
  models.get().insert('fact_assignment', {
    experiment_id: 'e',
    contact_alias,
    arm_id,
    is_holdout: false,
    assigned_at,
    event_id: `${contact_alias} ${arm_id}`,
    ...more,
  });
const message = (key: string, alias: Facts, requested_at: string, more: Facts = {}) =>
  models.get().message(key, { ...alias, campaign_id: 'sale', requested_at, accepted_at: requested_at, ...more });
const order = (event_id: string, contact_alias: string, occurred_at: string, amount: number, more: Facts = {}) =>
  models.get().insert('fact_conversion', {
    event_id,
    kind: 'order',
    contact_alias,
    occurred_at,
    amount_micros: BigInt(amount * 1_000_000),
    currency: 'EUR',
    ...more,
  });
const touched = (alias_id: string, changed_at: string) => models.get().insert('changed_contact', { alias_id, changed_at });

async function people(columns: string): Promise<Record<string, unknown>> {
  const rows = await models.get().rows(`SELECT contact, ${columns} FROM experiment_person ORDER BY contact`);
  return Object.fromEntries(rows.map(({ contact, ...rest }) => [String(contact), Object.values(rest).join(' ')]));
}

describe('what a person did in an experiment', () => {
  it('counts from the assignment to the end of the window, both ends included, and only for the campaign', async () => {
    await register();
    for (const who of ['c1', 'c2', 'c3', 'c4']) await assign(who, 'a', '2026-11-02 10:00:00');
    await message('m1', { contact_alias: 'c1' }, '2026-11-02 11:00:00', {
      delivered_at: '2026-11-02 11:00:05',
      clicked_at: '2026-11-03 10:00:00',
    });
    await message('m2', { contact_alias: 'c2' }, '2026-11-02 11:00:00', {
      delivered_at: '2026-11-02 11:00:05',
      clicked_at: '2026-11-03 10:00:01',
    });
    await message('m3', { contact_alias: 'c3' }, '2026-11-02 09:59:59', {
      delivered_at: '2026-11-02 11:00:05',
      clicked_at: '2026-11-02 12:00:00',
    });
    await message('m4', { contact_alias: 'c4' }, '2026-11-02 11:00:00', {
      campaign_id: 'other',
      clicked_at: '2026-11-02 12:00:00',
    });
    await built(true);
    expect(await people('messages, is_delivered, has_clicked')).toEqual({
      c1: '1 true true',
      c2: '1 true false',
      c3: '0 false false',
      c4: '0 false false',
    });
  });

  it('knows a person by phone number and user id, and counts orders, goals and opt-outs without any message', async () => {
    const warehouse = models.get();
    await register();
    await assign('c1', 'a', '2026-11-02 10:00:00');
    await assign('c2', 'b', '2026-11-02 10:00:00');
    await warehouse.alias('c1', 'p1');
    await warehouse.link('c1', 'p1', '2026-11-01 00:00:00', 'backend');
    await message('m1', { phone_alias: 'p1' }, '2026-11-02 11:00:00', {
      delivered_at: '2026-11-02 11:00:05',
      read_at: '2026-11-02 11:30:00',
    });
    await order('before', 'c2', '2026-11-02 09:00:00', 30);
    await order('o1', 'c2', '2026-11-02 12:00:00', 50);
    await order('refund', 'c2', '2026-11-02 13:00:00', 20, { kind: 'refund' });
    await warehouse.insert('fact_consent', {
      event_id: 'x',
      phone_alias: 'p1',
      occurred_at: '2026-11-02 15:00:00',
      category: 'marketing',
      state: 'withdrawn',
      source: 'stop_word',
    });
    await built(true);
    expect(await people('arm_id, has_read, has_converted, has_unsubscribed, revenue, revenue_before, currency')).toEqual({
      c1: 'a true false true 0 0 ',
      c2: 'b false true false 30 30 EUR',
    });
  });

  it('counts only the goal of the experiment where it names one, and only orders of its currency', async () => {
    await register({ goal: 'kept', currency: 'EUR' });
    await assign('c1', 'a', '2026-11-02 10:00:00');
    await assign('c2', 'b', '2026-11-02 10:00:00');
    await order('g1', 'c1', '2026-11-02 12:00:00', 0, { kind: 'goal', goal: 'kept' });
    await order('g2', 'c2', '2026-11-02 12:00:00', 0, { kind: 'goal', goal: 'other' });
    await order('o1', 'c2', '2026-11-02 12:00:00', 7, { currency: 'USD' });
    await built(true);
    expect(await people('has_converted, revenue')).toEqual({ c1: 'true 0', c2: 'false 0' });
  });

  it('begins the window of a timing test at the time of the arm', async () => {
    await register({ dimension: 'send_time', arms: arms({ id: 'a' }, { id: 'b', send_after_hours: 8 }) });
    await assign('c1', 'a', '2026-11-02 10:00:00');
    await assign('c2', 'b', '2026-11-02 10:00:00');
    for (const who of ['c1', 'c2']) {
      await order(`${who} before`, who, '2026-11-02 12:00:00', 1);
      await order(`${who} after`, who, '2026-11-03 11:00:00', 2);
    }
    await built(true);
    expect(await people('revenue, revenue_before')).toEqual({ c1: '1 0', c2: '2 1' });
  });

  it('puts a person into the arm of the first assignment, and counts those in two arms apart', async () => {
    await register();
    await assign('c1', 'b', '2026-11-02 12:00:00');
    await assign('c1', 'a', '2026-11-02 10:00:00');
    await assign('c2', 'b', '2026-11-02 10:00:00');
    await built(true);
    expect(await people('arm_id, is_crossed')).toEqual({ c1: 'a true', c2: 'b false' });
    const rows = await models.get().rows('SELECT arm_id, people, crossed FROM experiment_arm_1h ORDER BY arm_id');
    expect(rows).toEqual([
      { arm_id: 'a', people: 0n, crossed: 1n },
      { arm_id: 'b', people: 1n, crossed: 0n },
    ]);
  });

  it('knows the segment at the assignment: entered last, and not left by then', async () => {
    const warehouse = models.get();
    await register();
    await assign('c1', 'a', '2026-11-02 10:00:00');
    const move = (event_id: string, segment_id: string, entered: boolean, occurred_at: string) =>
      warehouse.insert('fact_segment_membership', { event_id, segment_id, contact_alias: 'c1', entered, occurred_at });
    await move('1', 'vip', true, '2026-10-01 00:00:00');
    await move('2', 'new', true, '2026-10-02 00:00:00');
    await move('3', 'new', false, '2026-10-03 00:00:00');
    await move('4', 'later', true, '2026-11-02 10:00:01');
    await built(true);
    expect(await people('segment_id')).toEqual({ c1: 'vip' });
  });
});

describe('the statistics of an experiment', () => {
  it('are the same by one build of everything and by small steps: assignment, late click, earlier assignment, longer window', async () => {
    const warehouse = models.get();
    await built(true);
    await register();
    await assign('c1', 'a', '2026-11-02 10:30:00');
    await assign('c2', 'b', '2026-11-02 10:30:00');
    await touched('c1', '2026-11-02 10:30:00');
    await touched('c2', '2026-11-02 10:30:00');
    await built();
    await message('m1', { contact_alias: 'c1' }, '2026-11-02 11:00:00', { delivered_at: '2026-11-02 11:00:05' });
    await warehouse.insert('changed_message', { bucket_at: '2026-11-02 11:00:00', campaign_id: 'sale' });
    await built();
    expect(await people('messages, has_clicked')).toEqual({ c1: '1 false', c2: '0 false' });
    await warehouse.connection.exec(`UPDATE fact_message SET clicked_at = TIMESTAMP '2026-11-04 09:00:00'`);
    await warehouse.insert('changed_message', { bucket_at: '2026-11-02 11:00:00', campaign_id: 'sale' });
    await warehouse.connection.exec(
      `UPDATE fact_assignment SET assigned_at = TIMESTAMP '2026-11-02 09:10:00' WHERE contact_alias = 'c2'`,
    );
    await touched('c2', '2026-11-02 09:10:00');
    await register({ changed_at: '2026-11-05 00:00:00', command_id: 'c2', age_h: 72, design_hash: 'i' });
    await built();
    await built();
    const state = async () => [
      await warehouse.rows('SELECT * FROM experiment_person ORDER BY contact'),
      await warehouse.rows('SELECT * FROM experiment_arm_1h ORDER BY ALL'),
      await warehouse.rows('SELECT * FROM experiment_revenue_1h ORDER BY ALL'),
    ];
    const kept = await state();
    expect(await people('has_clicked')).toEqual({ c1: 'true', c2: 'false' });
    expect(
      await warehouse.rows('SELECT assigned_hour::VARCHAR AS hour, arm_id, people, clicked FROM experiment_arm_1h ORDER BY hour'),
    ).toEqual([
      { hour: '2026-11-02 09:00:00', arm_id: 'b', people: 1n, clicked: 0n },
      { hour: '2026-11-02 10:00:00', arm_id: 'a', people: 1n, clicked: 1n },
    ]);
    await built(true);
    expect(await state()).toEqual(kept);
  });

  it('of revenue are means and centred sums', async () => {
    await register();
    for (const [who, amounts] of Object.entries({ c1: [10], c2: [10, 4], c3: [] as number[] })) {
      await assign(who, 'a', '2026-11-02 10:00:00');
      for (const [at, amount] of amounts.entries()) await order(`${who} ${at}`, who, '2026-11-02 12:00:00', amount);
    }
    await built(true);
    // c1 10 and c2 14 lie in different classes: floor(8 log2(1e7)) = 186, floor(8 log2(1.4e7)) = 189.
    expect(
      await models
        .get()
        .rows('SELECT revenue_class, people, revenue_mean, revenue_ss, revenue_max FROM experiment_revenue_1h ORDER BY 1'),
    ).toEqual([
      { revenue_class: -1, people: 1n, revenue_mean: 0, revenue_ss: 0, revenue_max: 0 },
      { revenue_class: 186, people: 1n, revenue_mean: 10, revenue_ss: 0, revenue_max: 10 },
      { revenue_class: 189, people: 1n, revenue_mean: 14, revenue_ss: 0, revenue_max: 14 },
    ]);
  });

  it('of a campaign with arms are there without any further registration', async () => {
    const warehouse = models.get();
    await warehouse.insert('dim_campaign', {
      campaign_id: 'sale',
      changed_at: '2026-11-01 00:00:00',
      command_id: 'k',
      name: 'Sale',
      reply_window_h: 24,
      optout_window_h: 24,
      conversion_window_d: 7,
      settings: '{}',
    });
    for (const variant_id of ['x', 'y']) {
      await warehouse.insert('dim_variant', {
        campaign_id: 'sale',
        variant_id,
        changed_at: '2026-11-01 00:00:00',
        command_id: 'k',
        weight: 1,
        is_holdout: false,
      });
    }
    await assign('c1', 'x', '2026-11-02 10:00:00', { experiment_id: 'sale' });
    await built(true);
    expect(await warehouse.rows('SELECT experiment_id, metric, plan FROM experiment_definition')).toEqual([
      { experiment_id: 'sale', metric: 'click', plan: null },
    ]);
    expect(await warehouse.rows('SELECT place, arm_id, weight FROM experiment_arm ORDER BY place')).toEqual([
      { place: 1n, arm_id: 'x', weight: 1 },
      { place: 2n, arm_id: 'y', weight: 1 },
    ]);
    expect(await people('arm_id')).toEqual({ c1: 'x' });
  });

  it('of people who were only ever assigned are there too, arm by arm as they come, until somebody registers the experiment', async () => {
    const warehouse = models.get();
    await built(true);
    const known = () =>
      warehouse.rows(`SELECT experiment_id, are_weights_known, metric,
        (SELECT string_agg(arm_id || CASE WHEN is_holdout THEN ' held out' ELSE '' END, ', ' ORDER BY place) FROM experiment_arm) AS arms
        FROM experiment_definition`);
    const unregistered = { experiment_id: 'e', are_weights_known: false, metric: 'click' };
    await assign('c1', 'bold', '2026-11-02 10:00:00');
    await assign('c2', 'control', '2026-11-02 10:00:00');
    for (const who of ['c1', 'c2']) await touched(who, '2026-11-02 10:00:00');
    await built();
    expect(await known()).toEqual([{ ...unregistered, arms: 'control, bold' }]);
    expect(await people('arm_id')).toEqual({ c1: 'bold', c2: 'control' });
    await assign('c3', 'none', '2026-11-02 11:00:00', { is_holdout: true });
    await touched('c3', '2026-11-02 11:00:00');
    await built();
    expect(await known()).toEqual([{ ...unregistered, arms: 'control, bold, none held out' }]);
    await built();
    expect(await known()).toHaveLength(1);
    await register({ metric: 'conversion', arms: arms({ id: 'control' }, { id: 'bold' }) });
    await built();
    expect(await known()).toEqual([{ experiment_id: 'e', are_weights_known: true, metric: 'conversion', arms: 'control, bold' }]);
  });

  it('are there too when the first of them is assigned while a build has just looked for such experiments', async () => {
    await built(true);
    const { connection } = models.get();
    const { exec } = connection;
    let late = true;
    connection.exec = async (sql) => {
      if (late && sql.includes('newest_definition')) {
        late = false;
        await assign('c1', 'bold', '2026-11-02 10:00:00');
        await touched('c1', '2026-11-02 10:00:00');
      }
      return exec.call(connection, sql);
    };
    await built();
    connection.exec = exec;
    expect(late).toBe(false);
    await built();
    expect(await models.get().rows('SELECT experiment_id FROM experiment_definition')).toEqual([{ experiment_id: 'e' }]);
  });
});

describe('the plan of an experiment', () => {
  const planned = (horizon: number) => JSON.stringify({ metric: 'click', horizon });
  const state = async () => {
    const rows = await models
      .get()
      .connection.rows(readProjectFile('sql/queries/experiment_definitions.sql'), { experiment: 'e' });
    return rows.map(({ plan_state }) => plan_state);
  };
  const changed = (at: string) => register({ changed_at: at, command_id: at, plan: planned(200), design_hash: 'i' });

  it('is late when it was changed after the campaign had begun to send, though nobody was assigned yet', async () => {
    await register({ plan: planned(100) });
    await message('m1', { contact_alias: 'c9' }, '2026-11-01 12:00:00');
    await built(true);
    expect(await state()).toEqual(['filed']);
    await changed('2026-11-01 12:00:01');
    await built(true);
    expect(await state()).toEqual(['late']);
  });

  it('is in time when it was changed before, or when what was sent was sent before the experiment was registered', async () => {
    await register({ plan: planned(100) });
    await message('m0', { contact_alias: 'c8' }, '2026-10-31 12:00:00');
    await message('m1', { contact_alias: 'c9' }, '2026-11-01 12:00:00');
    await changed('2026-11-01 11:00:00');
    await built(true);
    expect(await state()).toEqual(['filed']);
  });
});
