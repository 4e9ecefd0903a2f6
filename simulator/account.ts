import type { CampaignPlan, PhoneNumber } from './campaign.ts';
import type { Simulation } from './simulation.ts';

/** What the business registers about itself. */
export interface Account {
  portfolioId: string;
  wabaId: string;
  timeZone: string;
  currency: string;
  /** The first writes campaigns, the second orders and service. */
  numbers: readonly [PhoneNumber, PhoneNumber];
}

/** One portfolio with one business account and two numbers, written as the platform may write them. */
export const shop: Account = {
  portfolioId: '506914307656634',
  wabaId: '102290129340398',
  timeZone: 'Europe/Berlin',
  currency: 'USD',
  numbers: [
    { id: '106540352242922', name: 'Offers', display: '+49 30 5550 1234' },
    { id: '107716192354331', name: 'Service', display: '493055501235' },
  ],
};

/** Registers the account and its campaigns by command. */
export function register(sim: Simulation, account: Account, plans: readonly CampaignPlan[]): void {
  const put = (path: string, body: Record<string, unknown>) => sim.emit({ kind: 'command', at: sim.now, path, body });
  put(`/v1/portfolios/${account.portfolioId}`, { name: 'Example Shop' });
  put(`/v1/wabas/${account.wabaId}`, {
    name: 'Example Shop EU',
    portfolio_id: account.portfolioId,
    time_zone: account.timeZone,
    currency: account.currency,
  });
  for (const number of account.numbers) {
    put(`/v1/phone-numbers/${number.id}`, { name: number.name, waba_id: account.wabaId, display_phone: number.display });
  }
  for (const plan of plans) put(`/v1/campaigns/${plan.id}`, registration(account, plan));
  for (const plan of plans)
    if (plan.experiment !== undefined) put(`/v1/experiments/${plan.id}`, experiment(plan, plan.experiment));
}

/** The plan of a campaign's arms, filed before anybody is in one. */
function experiment(plan: CampaignPlan, planned: NonNullable<CampaignPlan['experiment']>): Record<string, unknown> {
  const arms = plan.arms?.map(({ id, name, weight, holdout }) => ({ id, name, weight, holdout: holdout === true }));
  return {
    name: plan.name,
    campaign_id: plan.id,
    arms: arms ?? [],
    plan: {
      metric: planned.metric,
      age_hours: planned.ageHours,
      mde: { relative: planned.smallestLift },
      horizon: planned.horizon,
      looks: planned.looks,
    },
  };
}

function registration(account: Account, plan: CampaignPlan): Record<string, unknown> {
  const arms = plan.arms?.map(({ id, name, weight, holdout }) => ({ id, name, weight, holdout: holdout === true }));
  return {
    name: plan.name,
    objective: plan.objective,
    phone_number_id: account.numbers[plan.number].id,
    template_name: plan.template.name,
    template_language: plan.template.language,
    category: plan.category,
    margin: plan.margin,
    ...(arms === undefined ? {} : { arms }),
  };
}
