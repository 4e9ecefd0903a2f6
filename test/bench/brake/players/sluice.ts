import { Controller } from '../../../../controller/controller.ts';
import type { Decision } from '../../../../controller/decision.ts';
import type { Grant } from '../../../../controller/permit.ts';
import { PermitBook } from '../../../../controller/permit-book.ts';
import { defaultPolicy } from '../../../../controller/policy.ts';
import type { ControlBooks } from '../../../../controller/snapshot.ts';
import { minute } from '../../../../simulator/emission.ts';
import type { Lane } from '../../../../simulator/scenario/scenario.ts';
import { baselinesOf } from '../baselines.ts';
import { Cohorts } from '../cohorts.ts';
import type { Brakeman, Player } from '../player.ts';

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
      let { controller, permits } = start(0);
      let seq = 0;
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
        look,
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
