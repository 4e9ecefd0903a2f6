import { defaultPolicy } from '../../../../controller/policy.ts';
import { isBad, type Lane } from '../../../../simulator/scenario/scenario.ts';
import type { Player } from '../player.ts';

/** Knows the truth: sends all that is good at full speed and nothing that is bad, and keeps the head-room of the messaging limit. */
export const oracle: Player = {
  name: 'oracle',
  title: 'Oracle',
  begin: (crowd) => {
    const { limit, lanes } = crowd.setting;
    let room = limit === null ? Number.POSITIVE_INFINITY : limit.people * (1 - defaultPolicy.limit_headroom) - limit.used;
    return {
      turns: [],
      hear: () => {},
      look: () => {},
      grant: (lane, wanted) => {
        if (isBad(lanes[lane] as Lane, crowd.now - crowd.startAt)) return 0;
        const granted = Math.min(wanted, Math.floor(room));
        room -= granted;
        return granted;
      },
      sent: () => {},
      restart: () => {},
    };
  },
};
