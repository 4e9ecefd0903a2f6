import { hour, minute } from '../../../../simulator/emission.ts';
import { kinds } from '../../../../simulator/scenario/crowd.ts';
import type { Brakeman, Player } from '../player.ts';

/** Where the e-mail service of Amazon pauses: bounces and complaints of a representative volume, looked at in periods. */
const most = { bounces: 0.1, complaints: 0.005 };
const volume = 1_000;
const period = 5 * minute;
const pause = hour;

/**
 * An alarm as for Amazon SES (https://docs.aws.amazon.com/ses/latest/dg/reputation-dashboard-dg.html): the account's bounce rate over 10 %
 * or complaint rate over 0.5 %, of the last 1,000 messages at the least, looked at every five minutes. The whole account stops for an hour.
 */
export const sesAlarm: Player = {
  name: 'ses',
  title: 'SES-style alarm',
  begin: (crowd) => {
    const turns: Brakeman['turns'] = [];
    let counts = { sent: 0, bounces: 0, complaints: 0 };
    let pausedUntil = 0;
    let next = crowd.now + period;
    const turn = (on: boolean) => {
      for (const number of new Set(crowd.setting.lanes.map((lane) => lane.number))) {
        turns.push({ at: crowd.now, scope: `number:${number}`, on });
      }
    };
    return {
      turns,
      hear: (told) => {
        for (const one of told) {
          const kind = kinds[one & 15];
          if (kind === 'undeliverable') counts.bounces++;
          else if (kind === 'complaint') counts.complaints++;
        }
      },
      look: () => {
        if (pausedUntil > 0 && crowd.now >= pausedUntil) {
          pausedUntil = 0;
          turn(false);
        }
        if (crowd.now < next) return;
        next = crowd.now + period;
        if (counts.sent < volume) return;
        const alarm = counts.bounces > most.bounces * counts.sent || counts.complaints > most.complaints * counts.sent;
        counts = { sent: 0, bounces: 0, complaints: 0 };
        if (!alarm || pausedUntil > 0) return;
        pausedUntil = crowd.now + pause;
        turn(true);
      },
      grant: (_, wanted) => (pausedUntil > crowd.now ? 0 : wanted),
      sent: (_lane, _first, count) => {
        counts.sent += count;
      },
      restart: () => {},
    };
  },
};
