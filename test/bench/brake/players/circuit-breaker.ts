import { second } from '../../../../simulator/emission.ts';
import { kinds } from '../../../../simulator/scenario/crowd.ts';
import type { Lane } from '../../../../simulator/scenario/scenario.ts';
import type { Brakeman, Player } from '../player.ts';

/**
 * A circuit breaker for each campaign by the rules and defaults of opossum (https://nodeshift.dev/opossum/): above 50 % failures among the
 * results of the last 10 s, ten at the least, it opens; after 30 s one message may try. The library itself lives by the wall clock and a promise for
 * each message, which hundreds of worlds have no time for.
 */
export const settings = {
  errorThresholdPercentage: 50,
  rollingCountTimeout: 10 * second,
  resetTimeout: 30 * second,
  volumeThreshold: 10,
};

export type BreakerState = 'closed' | 'open' | 'half_open';

export class CircuitBreaker {
  state: BreakerState = 'closed';
  private results: { at: number; failed: boolean }[] = [];
  private openedAt = 0;
  private trying = false;

  /** Whether one more may go. */
  asks(now: number): boolean {
    if (this.state === 'open' && now >= this.openedAt + settings.resetTimeout) {
      this.state = 'half_open';
      this.trying = false;
    }
    if (this.state === 'half_open') {
      if (this.trying) return false;
      this.trying = true;
      return true;
    }
    return this.state === 'closed';
  }

  /** What became of one. */
  result(failed: boolean, now: number): void {
    if (this.state === 'half_open') {
      if (failed) this.open(now);
      else {
        this.state = 'closed';
        this.results = [];
      }
      return;
    }
    this.results.push({ at: now, failed });
    if (this.state !== 'closed' || !failed) return;
    this.results = this.results.filter(({ at }) => at > now - settings.rollingCountTimeout);
    if (this.results.length < settings.volumeThreshold) return;
    const failures = this.results.filter((result) => result.failed).length;
    if ((100 * failures) / this.results.length > settings.errorThresholdPercentage) this.open(now);
  }

  private open(now: number): void {
    this.state = 'open';
    this.openedAt = now;
  }
}

export const circuitBreaker: Player = {
  name: 'breaker',
  title: 'Circuit breaker',
  begin: (crowd) => {
    const { lanes } = crowd.setting;
    let breakers = new Map<string, CircuitBreaker>();
    const turns: Brakeman['turns'] = [];
    const campaignOf = (lane: number) => (lanes[lane] as Lane).campaign;
    const of = (campaign: string) => {
      const known = breakers.get(campaign) ?? new CircuitBreaker();
      breakers.set(campaign, known);
      return known;
    };
    const noting = <T>(campaign: string, act: (breaker: CircuitBreaker) => T): T => {
      const breaker = of(campaign);
      const before = breaker.state;
      const answer = act(breaker);
      const [was, is] = [before === 'closed', breaker.state === 'closed'];
      if (was !== is) turns.push({ at: crowd.now, scope: `campaign:${campaign}`, on: was });
      return answer;
    };
    return {
      turns,
      hear: (told) => {
        for (const one of told) {
          const kind = kinds[one & 15];
          const failed =
            kind?.endsWith('able') ||
            kind === 'marketing_limit' ||
            kind === 'platform_block' ||
            kind === 'other_failure' ||
            kind === 'refused';
          if (!failed && kind !== 'delivered') continue;
          noting(campaignOf(crowd.laneOf[one >> 4] as number), (breaker) => breaker.result(failed === true, crowd.now));
        }
      },
      look: () => {},
      grant: (lane, wanted) =>
        noting(campaignOf(lane), (breaker) => {
          let granted = 0;
          while (granted < wanted && breaker.asks(crowd.now)) granted++;
          return granted;
        }),
      sent: () => {},
      restart: () => {
        breakers = new Map();
      },
    };
  },
};
