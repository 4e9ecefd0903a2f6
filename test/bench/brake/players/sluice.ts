import { Controller } from '../../../../controller/controller.ts';
import type { Decision } from '../../../../controller/decision.ts';
import type { Grant } from '../../../../controller/permit.ts';
import { PermitBook } from '../../../../controller/permit-book.ts';
import { defaultPolicy } from '../../../../controller/policy.ts';
import type { ControlBooks } from '../../../../controller/snapshot.ts';
import { minute } from '../../../../simulator/emission.ts';
import type { Crowd } from '../../../../simulator/scenario/crowd.ts';
import type { Lane, Setting } from '../../../../simulator/scenario/scenario.ts';
import { baselinesOf } from '../baselines.ts';
import { Cohorts } from '../cohorts.ts';
import { type Brakeman, type Player, scopesOfLane } from '../player.ts';

/**
 * A server looks twice a second. Here it is every two minutes, and each step for a while after the beginning and after each change: a
 * look costs more than all that happens between two of them.
 */
const coarse = 2 * minute;
const fine = 10 * minute;

function isTimeToLook({ now, startAt, setting }: Crowd): boolean {
  const since = now - startAt;
  if (since % coarse === 0 || since <= fine / 2) return true;
  return setting.lanes.some(({ bad }) => bad !== null && since >= bad.from + bad.ramp / 4 && since <= bad.from + bad.ramp + fine);
}

/** A stream or campaign that has sent its hour the day before begins with a window of that hour. */
function widened(decision: Decision, { lanes }: Setting): Decision {
  const hourly = lanes
    .filter((lane) => !lane.fresh && scopesOfLane(lane).includes(decision.scope))
    .reduce((sum, { perSecond }) => sum + perSecond * 3600, 0);
  const { window } = decision.next;
  if (window === null || window >= hourly) return decision;
  return { ...decision, limit: hourly, next: { ...decision.next, window: hourly } };
}

/** The controller and permit book of this project with their default policy; `onDecision` sees all that is recorded. */
export function sluice(onDecision?: (decision: Decision) => void): Player {
  return {
    name: 'sluice',
    title: 'Sluice',
    begin: (crowd): Brakeman => {
      const { setting } = crowd;
      const cohorts = new Cohorts(crowd);
      const baselines = baselinesOf(crowd);
      const established = [
        ...new Set(setting.lanes.flatMap(({ template, number }) => [`template:${template}`, `number:${number}`])),
        'portfolio:506914307656634',
      ].filter((scope) => scope !== `template:${setting.pacing?.template}`);
      const turns: Brakeman['turns'] = [];
      const latest = new Map<string, Decision>();
      let grants: Grant[] = [];
      let ids = 0;
      const newId = () => `id-${++ids}`;
      const start = (seq: number) => {
        const books: ControlBooks = { seq, latest: [...latest.values()], overrides: [], grants, returned: [] };
        const controller = new Controller({ policy: defaultPolicy, books, newId });
        return { controller, permits: new PermitBook({ policyOf: (campaign) => controller.policyOf(campaign), books, newId }) };
      };
      let seq = 0;
      const state = start(0);
      // The day before: its messages are counted, and its windows are as wide as they were.
      for (const decision of state.controller.propose(cohorts.snapshot({ used: [], baselines, established }), [], crowd.now)) {
        latest.set(decision.scope, widened(decision, setting));
        seq = decision.seq;
      }
      let { controller, permits } = start(seq);
      const look = () => {
        grants = grants.filter(({ expires_at }) => expires_at > crowd.now - minute);
        const used = grants.map(({ permit_id, granted }) => ({ permit_id, used: granted }));
        const snapshot = cohorts.snapshot({ used, baselines, established });
        const decisions = controller.propose(snapshot, [], crowd.now);
        controller.accept(decisions);
        for (const decision of decisions) {
          onDecision?.(decision);
          latest.set(decision.scope, decision);
          seq = Math.max(seq, decision.seq);
          const [was, is] = [decision.before.mode !== 'open', decision.next.mode !== 'open'];
          if (was !== is) turns.push({ at: crowd.now, scope: decision.scope, on: is });
        }
        permits.setLimits(controller.limits(snapshot, crowd.now), crowd.now);
      };
      look();
      return {
        turns,
        hear: (told) => cohorts.hear(told),
        look: () => {
          if (isTimeToLook(crowd)) look();
        },
        grant: (index, count) => {
          const lane = setting.lanes[index] as Lane;
          const address = {
            portfolio_id: null,
            waba_id: null,
            phone_number_id: lane.number,
            template_name: lane.template,
            template_language: null,
            campaign_id: lane.campaign,
            variant_id: lane.variant,
            segment_id: lane.segment,
            market: lane.market,
          };
          const request = {
            request_id: newId(),
            address,
            category: 'marketing' as const,
            count,
            contacts: null,
            lease_seconds: null,
          };
          const grant = permits.grant(request, null, crowd.now);
          if (grant.granted > 0) grants.push(grant);
          return grant.granted;
        },
        sent: (lane, first, count) => cohorts.sent(lane, first, count),
        restart: () => {
          ({ controller, permits } = start(seq));
          look();
        },
      };
    },
  };
}
