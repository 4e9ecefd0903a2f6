import type { ControlSnapshot } from '../controller/snapshot.ts';
import type { Place } from '../ingest/record.ts';
import { type Applied, isApplied } from './command-log.ts';

type CampaignPolicy = ControlSnapshot['policies'][number];

/** Policies of campaigns whose registration is durable and not applied yet: the first permit after it goes by them. */
export class EarlyPolicies {
  private readonly heard = new Map<string, CampaignPolicy & { place: Place }>();

  get size(): number {
    return this.heard.size;
  }

  /** Takes in a durable registration; without a policy, the campaign goes by the account's. */
  hear(registered: CampaignPolicy, place: Place): void {
    this.heard.set(registered.campaign_id, { ...registered, place });
  }

  /** Forgets what is in the facts at these positions. */
  forget(positions: readonly Applied[]): void {
    for (const [campaign, { place }] of this.heard) if (isApplied(place, positions)) this.heard.delete(campaign);
  }

  /** These policies with the early ones in place of what they replace. */
  with(policies: readonly CampaignPolicy[]): CampaignPolicy[] {
    const early = [...this.heard.values()].filter(({ policy }) => Object.keys(policy).length > 0);
    return [
      ...policies.filter(({ campaign_id }) => !this.heard.has(campaign_id)),
      ...early.map(({ campaign_id, policy }) => ({ campaign_id, policy })),
    ];
  }
}
