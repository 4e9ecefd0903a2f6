import { type CampaignPlan, shopCampaigns } from '../../../../simulator/campaign.ts';
import { day, hour } from '../../../../simulator/emission.ts';

/** The campaign that must be stopped; all others are good. */
export const badCampaign = 'partner-leads';

/** Six in the morning UTC: the waves of the day are still to come. */
export const startAt = Date.UTC(2026, 9, 20, 6);
/** What lies behind when permits begin: carts, orders and welcomes, no waves. A whole month would cost ten times as much. */
export const history = day;
/** So long it is played with permits: until evening, when all waves are out. */
export const liveTime = 12 * hour;

/** The shop with the waves of its month on one day, and the bought list beside them, as in the demo. */
export function scenarioCampaigns(contacts: number): CampaignPlan[] {
  return shopCampaigns(contacts).map((plan) => {
    const { timing } = plan;
    if (timing.kind === 'waves') return { ...plan, timing: { ...timing, days: [history / day] } };
    if (timing.kind === 'list') return { ...plan, timing: { ...timing, fromDay: history / day + 0.005 } };
    return plan;
  });
}
