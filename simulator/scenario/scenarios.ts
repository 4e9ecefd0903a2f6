import { hour, minute } from '../emission.ts';
import type { Random } from '../random.ts';
import { type Lane, length, type Scenario, type Setting } from './scenario.ts';
import { annoying, bought, carrierDown, healthy, type Truth } from './truth.ts';

const never = Number.POSITIVE_INFINITY;
const numbers = ['106540352242922', '107716192354331'] as const;

function lane(random: Random, of: Partial<Lane> & Pick<Lane, 'campaign'>): Lane {
  return {
    template: `${of.campaign}_text`,
    segment: 'regulars',
    variant: null,
    market: 'DE',
    number: numbers[0],
    size: 3_000,
    from: 0,
    perSecond: 1,
    usual: healthy(random),
    fresh: false,
    bad: null,
    ...of,
  };
}

/** Three campaigns as a shop runs them side by side: one by three segments, two of one. */
function shop(random: Random): Lane[] {
  return [
    ...['new', 'loyal', 'vip'].map((segment) => lane(random, { campaign: 'sale', segment })),
    lane(random, { campaign: 'news', perSecond: 1.5, size: 5_000 }),
    lane(random, { campaign: 'carts', perSecond: 0.3, size: 2_000, number: numbers[1] }),
  ];
}

const calm: Omit<Setting, 'lanes'> = { trouble: {}, pacing: null, limit: null, hour: 10, guilty: null, overAt: null };

function from(at: number, truth: Truth, { until = never, ramp = 0 } = {}): NonNullable<Lane['bad']> {
  return { truth, from: at, until, ramp };
}

function good(name: string, title: string, change: (lanes: Lane[], random: Random) => Partial<Setting>): Scenario {
  const make = (random: Random): Setting => {
    const lanes = shop(random);
    return { ...calm, lanes, ...change(lanes, random) };
  };
  return { name, title, kind: 'healthy', make };
}

function wrong(
  name: string,
  title: string,
  guilty: string,
  lanes: (random: Random) => Lane[],
  change?: Partial<Setting>,
): Scenario {
  return { name, title, kind: 'bad', make: (random) => ({ ...calm, guilty, lanes: lanes(random), ...change }) };
}

const leads = { campaign: 'leads', template: 'hello_offer', segment: 'leads', size: 12_000, perSecond: 2 };
const oneList = 'campaign:leads';
const change = hour;

/** All that `npm run bench:brake` plays. Sizes are small, so that two hundred seeds of each are a matter of minutes. */
export const scenarios: readonly Scenario[] = [
  good('healthy', 'Healthy', () => ({})),
  good('night', 'Healthy, by night', () => ({ hour: 22 })),
  good('tripled-pace', 'Healthy, three times faster at once', () => ({ trouble: { faster: { from: hour, times: 3 } } })),
  good('slow-readers', 'Healthy, slow readers', (lanes) => ({
    lanes: lanes.map((one) => ({ ...one, usual: { ...one.usual, slowness: 5, read: one.usual.read * 0.7 } })),
  })),
  wrong('bad-list', 'Bad list from the start', oneList, (random) => [
    ...shop(random),
    lane(random, { ...leads, fresh: true, perSecond: 4, bad: from(0, bought(random)) }),
  ]),
  wrong('turning-list', 'List turns bad half-way', oneList, (random) => [
    ...shop(random),
    lane(random, { ...leads, bad: from(change, bought(random)) }),
  ]),
  wrong('slow-drift', 'Slow drift over an hour', oneList, (random) => [
    ...shop(random),
    lane(random, { ...leads, bad: from(30 * minute, bought(random), { ramp: hour }) }),
  ]),
  wrong('bad-segment', 'One bad segment of two campaigns', 'segment:old-import', (random) =>
    ['sale', 'news'].flatMap((campaign) =>
      ['loyal', 'vip', 'old-import'].map((segment) =>
        lane(random, { campaign, segment, size: 6_000, bad: segment === 'old-import' ? from(change, bought(random)) : null }),
      ),
    ),
  ),
  wrong('bad-template', 'One bad template of two campaigns', 'template:loud_offer', (random) =>
    ['sale', 'news'].flatMap((campaign) =>
      [`${campaign}_text`, 'loud_offer'].map((template) => {
        const made = lane(random, { campaign, template, size: 8_000 });
        return template === 'loud_offer' ? { ...made, bad: from(change, annoying(made.usual, random)) } : made;
      }),
    ),
  ),
  wrong(
    'bad-market',
    'One market down for 40 min',
    'market:BR',
    (random) =>
      ['sale', 'news'].flatMap((campaign) =>
        ['DE', 'IN', 'BR'].map((market) => {
          const made = lane(random, { campaign, market, size: 5_500 });
          const down = from(change, carrierDown(made.usual, random), { until: change + 40 * minute });
          return market === 'BR' ? { ...made, bad: down } : made;
        }),
      ),
    { overAt: change + 40 * minute },
  ),
  wrong('bad-variant', 'One bad variant', 'variant:sale/b', (random) =>
    ['loyal', 'vip'].flatMap((segment) =>
      ['a', 'b'].map((variant) => {
        const made = lane(random, { campaign: 'sale', segment, variant, size: 6_000 });
        return variant === 'b' ? { ...made, bad: from(change, annoying(made.usual, random)) } : made;
      }),
    ),
  ),
  wrong('bad-campaign', 'Two campaigns on one number, one bad', 'campaign:leads', (random) => [
    ...['new', 'loyal'].map((segment) => lane(random, { campaign: 'news', segment, size: 6_000 })),
    ...['new', 'loyal'].map((segment) =>
      lane(random, { campaign: 'leads', segment, size: 6_000, bad: from(change, bought(random)) }),
    ),
  ]),
  good('outage', 'Webhooks out for 20 min, then a flood', () => ({
    trouble: { outage: { from: hour, until: hour + 20 * minute } },
    overAt: hour + 20 * minute,
  })),
  good('disorder', 'Duplicates and disorder', () => ({ trouble: { duplicates: { share: 0.3, late: 10 * minute } } })),
  good('skew', "Sender's clock is off", (_, random) => ({ trouble: { skew: random.between(-150_000, 150_000) } })),
  wrong(
    'restart',
    'List turns bad, controller restarts',
    oneList,
    (random) => [...shop(random), lane(random, { ...leads, bad: from(change, bought(random)) })],
    { trouble: { restartAt: change + minute / 2 } },
  ),
  good('burst', 'Sender is back after 30 min, in a burst', () => ({
    trouble: { senderDown: { from: hour, until: 1.5 * hour }, faster: { from: 1.5 * hour, times: 4 } },
  })),
  good('limit', 'Messaging limit almost used', () => ({ limit: { people: 10_000, used: 5_000 } })),
  good('pacing', 'New template, held and released', (lanes) => ({
    lanes: lanes.map((one) => (one.campaign === 'news' ? { ...one, template: 'brand_new', fresh: true, size: 2_000 } : one)),
    pacing: { template: 'brand_new', after: 600, share: 0.5, hold: 25 * minute },
    overAt: null,
  })),
];

/** The account that they are played on. */
export const accountOf = { portfolio: '506914307656634', waba: '102290129340398', numbers };

export { length };
