import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../../api/server.ts';
import type { Verdict } from '../../models/experiments/document.ts';
import { applied, Sender, serve } from '../served.ts';
import { describeWithShared, sharedPath } from '../shared.ts';

const day = 86_400_000;
const start = Date.parse('2026-09-01T00:00:00Z');

interface Players {
  arm: string;
  id: string;
  kept: boolean;
}

function players(): Players[] {
  const [, ...lines] = readFileSync(sharedPath('datasets/cookie-cats/cookie_cats.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [id = '', arm = '', , , kept = ''] = line.trim().split(',');
    return { id, arm, kept: kept === 'True' };
  });
}

/** A real test of 90,189 players: a gate moved from level 30 to 40, and how many came back after seven days. */
describeWithShared('Cookie Cats, events in and verdict out', () => {
  let server: RunningServer;
  let sender: Sender;
  let folder: string;
  const clock = { ms: start };
  const expected = JSON.parse(readFileSync(sharedPath('datasets/cookie-cats/expected.json'), 'utf8'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-cats-'));
    server = await serve(folder, { memoryMb: 512 }, () => new Date(clock.ms));
    sender = new Sender(server.url);
  });
  afterAll(async () => {
    await sender.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('says that the later gate loses, as the plan laid down before the first player decides', async () => {
    const put = await sender.json('PUT', '/v1/experiments/gates', {
      name: 'Where the first gate stands',
      arms: [
        { id: 'gate_30', name: 'Gate at 30' },
        { id: 'gate_40', name: 'Gate at 40' },
      ],
      plan: { metric: 'conversion', goal: 'retention_7', age_hours: 192, mde: { relative: 0.05 }, horizon: 90_000, looks: 5 },
    });
    expect(put.status).toBe(200);
    const everyone = players();
    clock.ms = start + 20 * day;
    const at = new Date(start + 10 * day).toISOString();
    const later = new Date(start + 17 * day).toISOString();
    const assigned = everyone.map(({ id, arm }) => ({
      id: `a${id}`,
      type: 'experiment.assigned',
      at,
      experiment_id: 'gates',
      contact_id: id,
      arm_id: arm,
    }));
    const kept = everyone
      .filter((player) => player.kept)
      .map(({ id }) => ({ id: `g${id}`, type: 'goal.reached', at: later, contact_id: id, goal: 'retention_7' }));
    for (const events of [assigned, kept]) {
      for (let from = 0; from < events.length; from += 10_000) {
        expect((await sender.events(events.slice(from, from + 10_000))).status).toBe(200);
      }
    }
    await applied(server.warehouse);
    await server.warehouse.buildModels(false);
    const answer = await sender.get('/v1/experiments/gates');
    const verdict = JSON.parse(answer.text) as Verdict;
    expect(verdict).toMatchObject({ state: 'loser', arm: 'gate_40', plan: 'filed', people: 90_189, counted: 90_189 });
    expect(verdict.looks).toMatchObject({ planned: 5, taken: 5, nominal_alpha: expect.closeTo(0.05, 10) });
    expect(verdict.health.every(({ ok }) => ok)).toBe(true);
    const [comparison] = verdict.comparisons;
    const { retention_7: seven, arms } = expected;
    expect(comparison?.control).toMatchObject({ n: arms.gate_30.n, x: arms.gate_30.retention_7 });
    expect(comparison?.treatment).toMatchObject({ n: arms.gate_40.n, x: arms.gate_40.retention_7 });
    const near = (value: number) => expect.closeTo(value, 8);
    const [low, high] = seven.miettinen_nurminen_ci;
    expect(comparison?.absolute).toEqual({ value: near(seven.absolute_lift), low: near(low), high: near(high) });
    const [less, more] = seven.relative_lift_score_ci;
    expect(comparison?.relative).toEqual({ value: near(seven.relative_lift), low: near(less), high: near(more) });
    expect(comparison?.reference?.pooled_z_p).toBeCloseTo(seven.p_two_sided, 8);
    expect(verdict.sentence.en).toContain('Keep “Gate at 30”');
    expect(verdict.sentence.fr).toContain('Gardez « Gate at 30 »');
  }, 120_000);
});
