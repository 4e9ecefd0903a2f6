import { Audience } from './audience.ts';
import { type Account, Business } from './business.ts';
import { type CampaignPlan, shopCampaigns } from './campaign.ts';
import type { Emission } from './emission.ts';
import { Platform } from './platform.ts';
import { Simulation } from './simulation.ts';
import type { TallyReport } from './tally.ts';

export interface WorldOptions {
  /** Same options, same world, to the byte. */
  seed: number;
  /** Where simulated time begins, milliseconds since 1970. */
  startAt: number;
  /** People known when it begins; 20,000 unless told. */
  contacts?: number;
  /** The campaigns of a shop unless told. */
  campaigns?: readonly CampaignPlan[];
  account?: Account;
}

/** A world of one business, its people and the platform between them. No clock, no I/O. */
export interface World {
  /** Simulated time, milliseconds since 1970. */
  readonly now: number;
  readonly campaigns: readonly CampaignPlan[];
  readonly account: Account;
  /** Runs until just before this instant; hands over what went out, in order of time. How the way is cut into steps does not matter. */
  advance(until: number): Emission[];
  /** The exact count of what was handed over so far. */
  tally(): TallyReport;
}

const shop: Account = {
  portfolioId: '506914307656634',
  wabaId: '102290129340398',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  numbers: [
    { id: '106540352242922', name: 'Offers', display: '+49 30 5550 1234' },
    { id: '107716192354331', name: 'Service', display: '493055501235' },
  ],
};

/** Makes a world; it begins with what the business registers and imports. */
export function createWorld(options: WorldOptions): World {
  const { seed, startAt, contacts = 20_000, campaigns = shopCampaigns(contacts), account = shop } = options;
  const sim = new Simulation(seed, startAt);
  const business = new Business(sim, account, campaigns, () => platform);
  const platform: Platform = new Platform(sim, account.wabaId, (message) => audience.receive(message));
  const audience = new Audience(sim, platform, business);
  business.open(contacts);
  return {
    get now() {
      return sim.now;
    },
    campaigns,
    account,
    advance: (until) => sim.advance(until),
    tally: () => sim.tally.report(sim.now),
  };
}
