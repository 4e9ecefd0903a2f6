import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExperimentWatch } from '../../api/experiment-watch.ts';
import type { RunningServer } from '../../api/server.ts';
import { assignedArm } from '../../models/experiments/assignment.ts';
import { applied, Sender, serve } from '../served.ts';

const hour = 3_600_000;
const arms = [
  { id: 'a', name: 'Plain' },
  { id: 'b', name: 'Bold' },
];
const plan = { metric: 'conversion', age_hours: 24, mde: { relative: 0.2 }, horizon: 400, looks: 2 };

/** Registered, assigned, judged, recorded: the whole way over HTTP, in the time of a clock that the test sets. */
describe('an experiment over HTTP', () => {
  const clock = { ms: Date.parse('2026-10-01T08:00:00Z') };
  let server: RunningServer;
  let sender: Sender;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-experiment-'));
    server = await serve(folder, {}, () => new Date(clock.ms));
    sender = new Sender(server.url);
  });
  afterAll(async () => {
    await sender.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const put = (body: object) => sender.json('PUT', '/v1/experiments/spring', body);
  const assign = async (contacts: string[]) => {
    const { status, text } = await sender.json('POST', '/v1/assignments', { experiment_id: 'spring', contacts });
    expect(status).toBe(200);
    return JSON.parse(text).assignments as { contact_id: string; arm_id: string; holdout: boolean; is_new: boolean }[];
  };
  const get = async (path: string) => JSON.parse((await sender.get(path)).text);
  /** Accepted and applied: on a busy machine that may take longer than a PUT waits (202). */
  const taken = async (answer: Promise<{ status: number }>) => {
    expect([200, 202]).toContain((await answer).status);
    await applied(server.warehouse);
  };
  const upToDate = async () => {
    await applied(server.warehouse);
    await server.warehouse.buildModels(false);
  };
  const contacts = Array.from({ length: 400 }, (_, n) => `c-${n}`);

  it('nobody can be assigned before it is registered', async () => {
    const { status, text } = await sender.json('POST', '/v1/assignments', { experiment_id: 'spring', contacts: ['c-1'] });
    expect([status, JSON.parse(text).code]).toEqual([404, 'not_found']);
  });

  it.each([
    [{ name: 'x', arms: [{ id: 'a' }] }, 'arms'],
    [{ name: 'x', arms: [{ id: 'a' }, { id: 'a' }] }, 'arms'],
    [{ name: 'x', arms, plan, metric: 'click' }, 'metric'],
    [{ name: 'x', arms, plan: { ...plan, mde: {} } }, 'plan.mde'],
    [{ name: 'x', arms, plan: { ...plan, looks: 0 } }, 'plan.looks'],
    [{ name: 'x', arms: [{ id: 'a', send_after_hours: 3 }, { id: 'b' }] }, 'arms'],
  ])('%j is refused with its field', async (body, field) => {
    const { status, text } = await put(body);
    expect([status, JSON.parse(text).field]).toEqual([422, field]);
  });

  it('can be changed until the first person is in, and is frozen then', async () => {
    await taken(put({ name: 'Spring', arms }));
    await taken(put({ name: 'Spring', arms, plan }));
    clock.ms += hour;
    const first = await assign(contacts);
    expect(first.map(({ contact_id, arm_id, is_new }) => [contact_id, arm_id, is_new])).toEqual(
      contacts.map((contact) => [
        contact,
        assignedArm(
          [
            { id: 'a', weight: 1 },
            { id: 'b', weight: 1 },
          ],
          'spring',
          contact,
        )?.id,
        true,
      ]),
    );
    await applied(server.warehouse);
    const frozen = await put({ name: 'Spring', arms, plan: { ...plan, looks: 5 } });
    expect([frozen.status, JSON.parse(frozen.text).code]).toEqual([409, 'design_frozen']);
    await taken(put({ name: 'Spring, renamed', arms, plan }));
  });

  it('is frozen by the first message of its campaign too, though nobody is assigned, but not by those sent before it was registered', async () => {
    const sent = (id: string, at: number) => ({
      ...{ id, type: 'message.requested', at: new Date(at).toISOString(), send_id: id, contact_id: 'x', phone_number_id: 'n' },
      campaign_id: 'autumn',
    });
    const register = (looks: number) =>
      sender.json('PUT', '/v1/experiments/autumn', { name: 'Autumn', arms, plan: { ...plan, looks } });
    const before = clock.ms - hour;
    expect((await sender.events([sent('s-0', before)])).status).toBe(200);
    await taken(register(2));
    await taken(register(3));
    expect((await sender.events([sent('s-1', clock.ms + 1000)])).status).toBe(200);
    await applied(server.warehouse);
    const frozen = await register(4);
    expect([frozen.status, JSON.parse(frozen.text).code]).toEqual([409, 'design_frozen']);
  });

  it('is judged without a registration where people were only ever assigned', async () => {
    const at = new Date(clock.ms).toISOString();
    const events = ['control', 'bold'].map((arm_id) => ({
      ...{ id: `only-${arm_id}`, type: 'experiment.assigned', at, experiment_id: 'elsewhere', contact_id: `e-${arm_id}`, arm_id },
    }));
    expect((await sender.events(events)).status).toBe(200);
    await upToDate();
    const said = await get('/v1/experiments/elsewhere');
    expect(said).toMatchObject({ plan: 'none', state: 'too_early', people: 2 });
    expect(said.arms).toMatchObject([
      { id: 'control', weight: null },
      { id: 'bold', weight: null },
    ]);
    expect(said.notes.map(({ code }: { code: string }) => code)).toEqual(['no_plan', 'weights_unknown']);
  });

  it('gives the same arms again, and says that they are not new', async () => {
    const again = await assign(['c-0', 'c-1', 'new']);
    expect(again.map(({ is_new }) => is_new)).toEqual([false, false, true]);
  });

  it('says so while the window is open, and then what the plan decides', async () => {
    const open = await (async () => {
      await upToDate();
      return get('/v1/experiments/spring');
    })();
    expect(open).toMatchObject({ name: 'Spring, renamed', plan: 'filed', state: 'too_early', people: 401, counted: 0 });
    const inB = contacts.filter(
      (contact) =>
        assignedArm(
          [
            { id: 'a', weight: 1 },
            { id: 'b', weight: 1 },
          ],
          'spring',
          contact,
        )?.id === 'b',
    );
    clock.ms += 2 * hour;
    const orders = inB.slice(0, 40).map((contact_id, n) => ({
      ...{ id: `o-${n}`, type: 'order.completed', at: new Date(clock.ms).toISOString() },
      ...{ contact_id, order_id: `o-${n}`, amount: '10.00', currency: 'EUR' },
    }));
    expect((await sender.events(orders)).status).toBe(200);
    clock.ms += 48 * hour;
    await upToDate();
    const said = await get('/v1/experiments/spring');
    expect(said).toMatchObject({ state: 'winner', arm: 'b', decided_by: 'plan', looks: { planned: 2, taken: 2 }, counted: 401 });
    expect(said.comparisons[0]).toMatchObject({ treatment: { x: 40 }, control: { x: 0 } });
    const { experiments } = await get('/v1/experiments');
    expect(experiments.find(({ experiment_id }: { experiment_id: string }) => experiment_id === 'spring')).toMatchObject({
      state: 'winner',
    });
    const lift = await get('/v1/segments/lift?experiment=spring');
    expect(lift).toMatchObject({ metric: 'conversion', segments: [{ segment: null, n: 401, x: 40 }] });
  });

  it('records each look once, and keeps what it said', async () => {
    const watch = new ExperimentWatch({
      log: server.log,
      warehouse: server.warehouse,
      now: () => new Date(clock.ms),
      report: (error) => {
        throw error;
      },
    });
    expect(await watch.look()).toBe(2); // this one, and the one that nobody registered: one a day
    await applied(server.warehouse);
    expect(await watch.look()).toBe(0);
    const { looks } = await get('/v1/experiments/spring/history');
    expect(looks).toMatchObject([{ look: 2, verdict: { state: 'winner', arm: 'b' } }]);
  });

  it('is on its page, in the language of the reader', async () => {
    const page = await sender.get('/experiments/spring?lang=fr');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Prenez « Bold »');
    expect((await sender.get('/experiments?lang=en')).text).toContain('Use “Bold”');
    expect((await sender.get('/experiments/none')).status).toBe(404);
    expect((await sender.get('/v1/experiments/none/history')).status).toBe(404);
  });
});
