import type { Design, ExperimentArm, Plan } from '../models/experiments/design.ts';
import type { VerdictState } from '../models/experiments/document.ts';
import { type ArmRevenue, type ArmStep, type Evidence, emptyArm, type Outcomes } from '../models/experiments/evidence.ts';
import type { SegmentCell, SegmentMoney } from '../models/experiments/segment-lift.ts';

/** What happened in one arm, in all. */
export interface ArmFacts {
  people: number;
  /** All of them, unless told. */
  mature?: number;
  outcomes?: Partial<Outcomes>;
  contacted?: number;
  crossed?: number;
}

export interface VerdictCase {
  title: string;
  /** What happened, for the page. */
  facts: string;
  design: Design;
  evidence: Evidence;
  state: VerdictState;
  arm: string | null;
  /** Why this is the verdict, for the page. */
  reason: string;
  /** A case about segments: its sentence is that of the segments. */
  segments?: { cells: SegmentCell[]; money: SegmentMoney[]; selected: string };
}

const day = 86_400_000;
/** When the cases begin, and when they are looked at: everything of ten days is counted by then. */
export const casesStart = Date.UTC(2026, 9, 1);
export const casesNow = casesStart + 14 * day;

const arm = (id: string, name: string, more: Partial<ExperimentArm> = {}): ExperimentArm => ({
  ...{ id, name, weight: 1, holdout: false, send_after_hours: 0 },
  ...more,
});

const plan = (more: Partial<Plan> = {}): Plan => ({
  metric: 'click',
  age_hours: 24,
  mde: { relative: 0.1 },
  horizon: 20_000,
  looks: 5,
  alpha: 0.05,
  guardrails: [{ metric: 'unsubscribe', limit: 0.02 }],
  ...more,
});

/** A design of two arms with a plan filed in time, unless told. */
export function design(more: Partial<Design> & { plan: Plan | null }): Design {
  return {
    experiment_id: 'case',
    name: 'Case',
    campaign_id: 'case',
    dimension: 'content',
    salt: 'case',
    metric: more.plan?.metric ?? 'click',
    goal: null,
    age_hours: more.plan?.age_hours ?? 24,
    longest_delay_hours: 0,
    currency: null,
    arms: [arm('a', 'Price first'), arm('b', 'Picture first')],
    plan_state: more.plan === null ? 'none' : 'filed',
    design_hash: 'case',
    weights_known: true,
    ...more,
  };
}

/** These totals, spread evenly over as many days. */
export function evidence(arms: Record<string, ArmFacts>, { days = 10, revenue = [] as ArmRevenue[] } = {}): Evidence {
  const upTo = (total: number, step: number) => Math.round((total * step) / days);
  const part = (total: number, step: number) => upTo(total, step + 1) - upTo(total, step);
  const steps = Array.from({ length: days }, (_, step) => ({
    at: casesStart + step * day,
    arms: Object.entries(arms).map(([id, facts]): ArmStep => {
      const of = (metric: keyof Outcomes) => part(facts.outcomes?.[metric] ?? 0, step);
      const outcomes = Object.fromEntries(
        Object.keys(emptyArm(id).outcomes).map((metric) => [metric, of(metric as keyof Outcomes)]),
      );
      const { unsubscribe, failure, negative_reply } = outcomes as unknown as Outcomes;
      return {
        ...emptyArm(id),
        people: part(facts.people, step),
        crossed: part(facts.crossed ?? 0, step),
        contacted: part(facts.contacted ?? facts.people, step),
        mature: part(facts.mature ?? facts.people, step),
        outcomes: outcomes as unknown as Outcomes,
        so_far: { unsubscribe, failure, negative_reply },
      };
    }),
  }));
  const people = Object.values(arms).reduce((sum, facts) => sum + facts.people, 0);
  return {
    steps,
    revenue: revenue.length === 0 ? null : { cap: 250, currency: 'EUR', arms: revenue },
    first_assigned_at: casesStart,
    first_message_at: casesStart,
    recent_people: Math.round((people * 7) / days),
    looks: [],
  };
}

const money = (arm_id: string, n: number, mean: number, sd: number, more: Partial<ArmRevenue> = {}): ArmRevenue => ({
  ...{ arm_id, n, buyers: Math.round(n / 20), capped: { mean, variance: sd * sd }, raw: { mean, variance: sd * sd } },
  ...{ before: { mean: 2, variance: 100 }, covariance: 0, most: 250 },
  ...more,
});

const cell = (segment: string, armId: string, n: number, conversion: number): SegmentCell => ({
  ...{ segment, arm: armId, n, messages: armId === 'none' ? 0 : n },
  outcomes: { read: 0, reply: 0, click: 0, conversion, unsubscribe: 0 },
});
const spent = (segment: string, armId: string, n: number, mean: number): SegmentMoney => ({
  ...{ segment, arm: armId, n, mean, variance: 400, currency: 'EUR' },
});

const withHoldout = [arm('sent', 'Autumn offer', { weight: 9 }), arm('none', 'Nothing sent', { holdout: true })];

/** The twelve cases of docs/verdict-cases.md. */
export const verdictCases: VerdictCase[] = [
  {
    title: 'A winner',
    facts: 'Planned for 20,000 people in five looks, smallest effect 10 %. 10,000 in each arm; 800 and 960 clicked.',
    design: design({ plan: plan() }),
    evidence: evidence({ a: { people: 10_000, outcomes: { click: 800 } }, b: { people: 10_000, outcomes: { click: 960 } } }),
    state: 'winner',
    arm: 'b',
    reason: 'The difference crossed its line at a planned look, so it counts although it was looked at five times.',
  },
  {
    title: 'A loser',
    facts: 'The same plan; 960 clicked with the old text and 800 with the new one.',
    design: design({ plan: plan() }),
    evidence: evidence({ a: { people: 10_000, outcomes: { click: 960 } }, b: { people: 10_000, outcomes: { click: 800 } } }),
    state: 'loser',
    arm: 'b',
    reason: 'The line was crossed downwards: staying with the old one is a result too.',
  },
  {
    title: 'Too early',
    facts: 'The same plan; 4,500 people in each arm after five days, 360 and 430 clicked.',
    design: design({ plan: plan() }),
    evidence: evidence(
      { a: { people: 4_500, outcomes: { click: 360 } }, b: { people: 4_500, outcomes: { click: 430 } } },
      { days: 5 },
    ),
    state: 'too_early',
    arm: null,
    reason:
      'p is 0.01, which looks like a winner; but this is the second look of five, and there the line is at p = 0.0017. Whoever stops at the first p below 0.05 is wrong far more often than once in twenty.',
  },
  {
    title: 'A broken ratio',
    facts: '10,000 people were to be split evenly; 5,300 are in one arm and 4,700 in the other. 424 and 470 clicked.',
    design: design({ plan: plan({ horizon: 10_000 }) }),
    evidence: evidence({ a: { people: 5_300, outcomes: { click: 424 } }, b: { people: 4_700, outcomes: { click: 470 } } }),
    state: 'invalid',
    arm: null,
    reason: 'Somebody lost people on the way into one arm, and not at random. No statistics mend that, so no effect is shown.',
  },
  {
    title: 'Harm',
    facts:
      'Opt-outs may be 2 % at the most. After two days 2,000 people are in each arm; 20 and 80 of them opted out, and the new text has more clicks.',
    design: design({ plan: plan() }),
    evidence: evidence(
      {
        a: { people: 2_000, outcomes: { click: 160, unsubscribe: 20 } },
        b: { people: 2_000, outcomes: { click: 240, unsubscribe: 80 } },
      },
      { days: 2 },
    ),
    state: 'harmful',
    arm: 'b',
    reason:
      'A guardrail may be looked at after every message, and a gain in clicks does not pay for people who are gone for good.',
  },
  {
    title: 'No difference',
    facts: 'Planned for 200,000 people, smallest effect worth knowing 5 %; 8,000 and 8,030 of 100,000 each clicked.',
    design: design({ plan: plan({ horizon: 200_000, mde: { relative: 0.05 } }) }),
    evidence: evidence({
      a: { people: 100_000, outcomes: { click: 8_000 } },
      b: { people: 100_000, outcomes: { click: 8_030 } },
    }),
    state: 'no_difference',
    arm: 'b',
    reason: 'The whole interval lies within 5 % on both sides. That is more than "not significant": it was shown to be small.',
  },
  {
    title: 'A segment trap',
    facts:
      'An offer to everybody but a tenth. Regulars buy at 12 % and others at 2 %, so "the offer works best for regulars". The hold-out buys at 12 % and 2 % as well.',
    design: design({ plan: plan({ metric: 'conversion', horizon: 20_000 }), arms: withHoldout }),
    evidence: evidence({
      sent: { people: 18_000, outcomes: { conversion: 900 } },
      none: { people: 2_000, contacted: 0, outcomes: { conversion: 100 } },
    }),
    state: 'inconclusive',
    arm: 'sent',
    reason: 'Who people are and what the message does are two things; only the hold-out tells them apart.',
    segments: {
      cells: [
        cell('regulars', 'sent', 5_400, 648),
        cell('regulars', 'none', 600, 72),
        cell('others', 'sent', 12_600, 252),
        cell('others', 'none', 1_400, 28),
      ],
      money: [
        spent('regulars', 'sent', 5_400, 6),
        spent('regulars', 'none', 600, 6),
        spent('others', 'sent', 12_600, 1),
        spent('others', 'none', 1_400, 1),
      ],
      selected: 'regulars',
    },
  },
  {
    title: 'Tiny counts',
    facts: 'Planned for 2,000 people in one look; of 1,000 each, nobody answered the old text and 12 the new one.',
    design: design({ plan: plan({ metric: 'reply', horizon: 2_000, looks: 1 }) }),
    evidence: evidence({ a: { people: 1_000 }, b: { people: 1_000, outcomes: { reply: 12 } } }),
    state: 'winner',
    arm: 'b',
    reason:
      'Nothing can be divided by zero, so there is no lift in percent; but 0 against 12 is no accident (Fisher: p = 0.0005), and the score says so where the usual formulas give up.',
  },
  {
    title: 'A hold-out',
    facts: 'One tenth got nothing. Within 72 hours 1,170 of 18,000 who got the offer ordered, and 90 of 2,000 who did not.',
    design: design({ plan: plan({ metric: 'conversion', age_hours: 72 }), arms: withHoldout }),
    evidence: evidence({
      sent: { people: 18_000, outcomes: { conversion: 1_170 } },
      none: { people: 2_000, contacted: 0, outcomes: { conversion: 90 } },
    }),
    state: 'winner',
    arm: 'sent',
    reason:
      'All orders of a person count, whether a message is credited with them or not: the difference is what would not have come by itself.',
  },
  {
    title: 'A timing test',
    facts:
      'One arm is sent to at once in the morning, the other nine hours later; each has its own 24 hours. 2,500 and 2,750 of 10,000 each read it.',
    design: design({
      dimension: 'send_time',
      plan: plan({ metric: 'read' }),
      longest_delay_hours: 9,
      arms: [arm('a', 'Morning'), arm('b', 'Evening', { send_after_hours: 9 })],
    }),
    evidence: evidence({ a: { people: 10_000, outcomes: { read: 2_500 } }, b: { people: 10_000, outcomes: { read: 2_750 } } }),
    state: 'winner',
    arm: 'b',
    reason: 'Both arms are counted for the same 24 hours after their own time, and nobody counts before the later one is over.',
  },
  {
    title: 'A useless covariate',
    facts:
      'Revenue, planned for 20,000 people. What people spent in the month before says nothing about what they spend now. Means 1.90 and 2.35 EUR, standard deviation 12 EUR.',
    design: design({ plan: plan({ metric: 'revenue' }), currency: 'EUR' }),
    evidence: evidence(
      { a: { people: 10_000 }, b: { people: 10_000 } },
      { revenue: [money('a', 10_000, 1.9, 12), money('b', 10_000, 2.35, 12)] },
    ),
    state: 'winner',
    arm: 'b',
    reason: 'CUPED would take nothing off the variance, so it is left out and the page says so: the plain means decide.',
  },
  {
    title: 'One whale order',
    facts:
      'Revenue, planned for 20,000 people. The raw means are 2.00 and 3.95 EUR, but one person in the second arm ordered for 20,000 EUR. Capped, both are near 2.',
    design: design({ plan: plan({ metric: 'revenue' }), currency: 'EUR' }),
    evidence: evidence(
      { a: { people: 10_000 }, b: { people: 10_000 } },
      {
        revenue: [
          money('a', 10_000, 2, 12),
          money('b', 10_000, 1.98, 12, { raw: { mean: 3.95, variance: 40_100 }, most: 20_000 }),
        ],
      },
    ),
    state: 'inconclusive',
    arm: 'b',
    reason: 'One order is one person’s, and says nothing about ten thousand others: a result that goes with one person is none.',
  },
];
