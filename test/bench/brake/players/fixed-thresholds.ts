import { minute } from '../../../../simulator/emission.ts';
import { type Crowd, kinds } from '../../../../simulator/scenario/crowd.ts';
import type { Lane } from '../../../../simulator/scenario/scenario.ts';
import type { Brakeman, Player } from '../player.ts';

const last = 1_000;
const least = { delivered: 0.85, replied: 0.05 };
/** What is younger is not judged: most feedback that comes soon is there by then. */
const age = 10 * minute;
const pause = 30 * minute;

interface Campaign {
  /** Messages since the last pause, oldest first, and how many of the first are old enough. */
  messages: number[];
  pausedUntil: number;
}

/**
 * The rule of thumb: a campaign of whose last 1,000 messages (ten minutes old, to be fair) less than 85 % of those with an end were
 * delivered, or less than 5 % of the delivered answered, is paused for half an hour, and then begins anew.
 */
export const fixedThresholds: Player = {
  name: 'fixed',
  title: 'Fixed thresholds',
  begin: (crowd) => thresholds(crowd, least),
};

/** The same without the rule on replies, which no healthy campaign with 1–3 % replies can pass. */
export const deliveryThreshold: Player = {
  name: 'delivery',
  title: 'Delivery threshold only',
  begin: (crowd) => thresholds(crowd, { ...least, replied: 0 }),
};

function thresholds(crowd: Crowd, floor: typeof least): Brakeman {
  const { lanes } = crowd.setting;
  const campaigns = new Map<string, Campaign>(lanes.map(({ campaign }) => [campaign, { messages: [], pausedUntil: 0 }]));
  const of = (lane: number) => campaigns.get((lanes[lane] as Lane).campaign) as Campaign;
  const delivered: boolean[] = [];
  const replied: boolean[] = [];
  const failed: boolean[] = [];
  const turns: Brakeman['turns'] = [];
  return {
    turns,
    hear: (told) => {
      for (const one of told) {
        const kind = kinds[one & 15];
        if (kind === 'delivered' || kind === 'read' || kind === 'reply') delivered[one >> 4] = true;
        else if ((one & 15) < 4 || kind === 'refused') failed[one >> 4] = true;
        if (kind === 'reply') replied[one >> 4] = true;
      }
    },
    look: () => {
      for (const [id, campaign] of campaigns) {
        const { messages } = campaign;
        if (campaign.pausedUntil > crowd.now) continue;
        if (campaign.pausedUntil > 0) {
          turns.push({ at: crowd.now, scope: `campaign:${id}`, on: false });
          campaign.pausedUntil = 0;
          campaign.messages = [];
          continue;
        }
        const young = messages.findLastIndex((message) => (crowd.sentAt[message] as number) <= crowd.now - age) + 1;
        if (young < last) continue;
        const judged = messages.slice(young - last, young);
        campaign.messages = messages.slice(young - last);
        const count = (facts: boolean[]) => judged.reduce((sum, message) => sum + (facts[message] === true ? 1 : 0), 0);
        const [came, failures] = [count(delivered), count(failed)];
        if (came >= floor.delivered * (came + failures) && count(replied) >= floor.replied * came) continue;
        campaign.pausedUntil = crowd.now + pause;
        turns.push({ at: crowd.now, scope: `campaign:${id}`, on: true });
      }
    },
    grant: (lane, wanted) => (of(lane).pausedUntil > crowd.now ? 0 : wanted),
    sent: (lane, first, count) => {
      const { messages } = of(lane);
      for (let i = 0; i < count; i++) messages.push(first + i);
    },
    restart: () => {
      for (const campaign of campaigns.values()) campaign.messages = [];
    },
  };
}
