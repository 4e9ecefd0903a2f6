import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../ingest/decode.ts';
import { designHash, experimentSchema } from '../../../ingest/experiment-command.ts';
import { type Decoded, emptyDecoded } from '../../../ingest/staged.ts';

const at = '2026-11-20T12:00:00.000Z';
const micros = BigInt(Date.parse(at)) * 1000n;

function of(command: string, body: unknown): Decoded {
  const into = emptyDecoded();
  const text = JSON.stringify({ command_id: 'c-1', at, actor: 'growth', command, id: 'spring', body });
  decodeRecord({ partition: 'p', offset: 0n, kind: 'command', receivedAt: micros, body: Buffer.from(text) }, into);
  return into;
}

const arms = [{ id: 'a' }, { id: 'b', weight: 2 }];
const plan = { metric: 'conversion', goal: 'kept', mde: { relative: 0.1 }, horizon: 1000 };

describe('commands about experiments', () => {
  it('a registration without a plan is about clicks within a day, and names its campaign and salt after itself', () => {
    const { experiment } = of('experiment.put', { name: 'Spring', arms });
    expect(experiment).toEqual([
      expect.objectContaining({
        ...{ experiment_id: 'spring', changed_at: micros, command_id: 'c-1', campaign_id: 'spring', salt: 'spring' },
        ...{ metric: 'click', goal: null, age_h: 24, plan: null, dimension: 'content' },
      }),
    ]);
    expect(JSON.parse(experiment[0]?.arms ?? '')).toEqual([
      { id: 'a', weight: 1, holdout: false, send_after_hours: 0 },
      { id: 'b', weight: 2, holdout: false, send_after_hours: 0 },
    ]);
  });

  it('a plan says what is measured, with its defaults', () => {
    const { experiment } = of('experiment.put', { name: 'Spring', arms, plan });
    expect(experiment[0]).toMatchObject({ metric: 'conversion', goal: 'kept', age_h: 24 });
    expect(JSON.parse(experiment[0]?.plan ?? '')).toMatchObject({
      looks: 5,
      alpha: 0.05,
      guardrails: [{ metric: 'unsubscribe', limit: 0.02 }],
    });
  });

  it('the hash changes with everything but names', () => {
    const hash = (more: object) => designHash('spring', experimentSchema.parse({ name: 'Spring', arms, plan, ...more }));
    expect(
      hash({
        name: 'Renamed',
        arms: [
          { id: 'a', name: 'A' },
          { id: 'b', weight: 2 },
        ],
      }),
    ).toBe(hash({}));
    const others = [
      hash({ salt: 's' }),
      hash({ campaign_id: 'c' }),
      hash({ arms: [{ id: 'a' }, { id: 'b', weight: 3 }] }),
      hash({ arms: [{ id: 'b', weight: 2 }, { id: 'a' }] }),
      hash({ plan: { ...plan, horizon: 2000 } }),
      hash({ plan: { ...plan, age_hours: 48 } }),
      hash({ currency: 'EUR' }),
      hash({ dimension: 'offer' }),
      hash({ plan: undefined }),
    ];
    expect(new Set([hash({}), ...others]).size).toBe(others.length + 1);
  });

  it('a look keeps its document whatever the order of its keys, and is known by design, number and state', () => {
    const body = { design_hash: 'h', look: 2, state: 'winner', document: { b: 1, a: { d: 2, c: 3 } } };
    const { experiment_look } = of('experiment.look', body);
    expect(experiment_look).toEqual([
      {
        ...{ experiment_id: 'spring', look_key: 'h/2/winner', looked_at: micros, command_id: 'c-1', design_hash: 'h', look: 2 },
        ...{ state: 'winner', document: '{"a":{"c":3,"d":2},"b":1}' },
      },
    ]);
  });

  it('what does not fit is set aside with its reason', () => {
    const { quarantine, experiment } = of('experiment.put', { name: 'Spring', arms: [{ id: 'a' }] });
    expect(experiment).toEqual([]);
    expect(quarantine).toMatchObject([{ reason: 'command_invalid' }]);
  });
});
