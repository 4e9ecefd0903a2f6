import { type Account, shop } from './account.ts';
import { Audience } from './audience.ts';
import { Business } from './business.ts';
import { type CampaignPlan, shopCampaigns } from './campaign.ts';
import type { Emission } from './emission.ts';
import type { PermitAnswer, PermitUse } from './permit-desk.ts';
import { Platform } from './platform.ts';
import { Simulation } from './simulation.ts';
import type { Downgrade } from './standing.ts';
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
  /** From then on, milliseconds since 1970, campaigns ask for permits before they send; never unless told. */
  permitsFrom?: number;
}

/** What only the one who made the world can see. */
export interface WorldReport {
  /** When a number or template was first downgraded, in order of time. */
  downgrades: readonly Downgrade[];
  /** Blocks and reports by campaign. */
  blocks: ReadonlyMap<string, number>;
  /** What became of messages that had to ask, by campaign. */
  permits: ReadonlyMap<string, PermitUse>;
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
  /** The answer to a `permit` emission; queued messages then go out at their pace. */
  permit(answer: PermitAnswer): void;
  report(): WorldReport;
}

/** Makes a world; it begins with what the business registers and imports. */
export function createWorld(options: WorldOptions): World {
  const {
    seed,
    startAt,
    contacts = 20_000,
    campaigns = shopCampaigns(contacts),
    account = shop,
    permitsFrom = Number.POSITIVE_INFINITY,
  } = options;
  const sim = new Simulation(seed, startAt);
  const platform: Platform = new Platform(sim, account, campaigns, contacts, (message) => audience.receive(message));
  const business = new Business(sim, account, campaigns, platform, permitsFrom);
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
    permit: (answer) => business.permit(answer),
    report: () => ({
      downgrades: platform.standings.downgrades,
      blocks: platform.standings.blocks,
      permits: business.permitUses,
    }),
  };
}
