import type { HarmName, Policy } from '../../../controller/policy.ts';
import { step } from '../../../simulator/scenario/crowd.ts';
import { changeOf, type Setting } from '../../../simulator/scenario/scenario.ts';
import type { Truth } from '../../../simulator/scenario/truth.ts';

/** Failures are told so fast: nine of ten by then, after their sending (median 1.5 s, then a second on the way), and heard a step later. */
const feedbackSeconds = 10 + step / 1000;

const truthOf: Partial<Record<HarmName, keyof Truth>> = {
  undeliverable: 'undeliverable',
  marketing_limit: 'marketingLimit',
  platform_block: 'platformBlock',
  other_failure: 'otherFailure',
};

/** The Kullback–Leibler divergence of a bad rate from a healthy one, nats a message. */
export function divergence(bad: number, healthy: number): number {
  return bad * Math.log(bad / healthy) + (1 - bad) * Math.log((1 - bad) / (1 - healthy));
}

/**
 * Messages of the guilty that any detector must let through, on average and in the worst case, when it may alarm falsely once in
 * `budget` messages: ln(budget) / KL (Lorden, Annals of Mathematical Statistics 42 (1971) 1897, theorem 3), by the failure that tells
 * most, from the rate that the policy accepts. To these come the messages that go out while feedback is on its way. Null where nothing
 * is guilty.
 */
export function lordenBound({ lanes }: Setting, policy: Policy): { evidence: number; delay: number } | null {
  const guilty = lanes.filter((lane) => changeOf(lane) !== null);
  if (guilty.length === 0) return null;
  const pace = guilty.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const divergences = Object.entries(truthOf).map(([name, key]) => {
    const rate = guilty.reduce((sum, { perSecond, bad }) => sum + perSecond * (bad?.truth[key] ?? 0), 0) / pace;
    const { accept } = policy.detectors[name as HarmName];
    return rate <= accept ? 0 : divergence(rate, accept);
  });
  return { evidence: Math.log(policy.false_alarm_messages) / Math.max(...divergences), delay: pace * feedbackSeconds };
}
