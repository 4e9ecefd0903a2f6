import { type CampaignPlan, shopCampaigns } from '../../../simulator/campaign.ts';
import { day, type Emission } from '../../../simulator/emission.ts';
import { createWorld, type World, type WorldOptions } from '../../../simulator/world.ts';

export const startAt = Date.UTC(2026, 9, 20, 6);

/** The shop with its month pressed into eight days, the bought list included. */
export function shortCampaigns(contacts: number): CampaignPlan[] {
  return shopCampaigns(contacts).map((plan) => {
    const { timing } = plan;
    if (timing.kind === 'waves') return { ...plan, timing: { ...timing, days: [0.1 + (plan.id.length % 4)], again: 2 } };
    if (timing.kind === 'list') return { ...plan, timing: { ...timing, fromDay: 3, size: 2500, perHour: 60 } };
    return plan;
  });
}

export function smallWorld(options: Partial<WorldOptions> = {}): World {
  const contacts = options.contacts ?? 300;
  return createWorld({ seed: 1, startAt, contacts, campaigns: shortCampaigns(contacts), ...options });
}

/** Everything that goes out in this many days. */
export function played(world: World, days: number): Emission[] {
  return world.advance(startAt + days * day);
}
