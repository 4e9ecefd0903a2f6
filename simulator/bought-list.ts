import type { CampaignPlan } from './campaign.ts';
import { hour, minute } from './emission.ts';
import type { Roster } from './roster.ts';
import type { Sender } from './sender.ts';
import type { Simulation } from './simulation.ts';

/** How long it takes until the business notices that the platform has stopped a template. */
const inattention = 10 * minute;

/** A campaign to strangers whose numbers were bought, one after the other until the list is through. */
export class BoughtList {
  private done = 0;

  constructor(
    private readonly sim: Simulation,
    private readonly roster: Roster,
    private readonly sender: Sender,
    private readonly plan: CampaignPlan,
    private readonly size: number,
    private readonly perHour: number,
  ) {}

  /** Writes to the next one, and so on; it goes on when a pause of the template is over, and ends when the template is disabled. */
  next(): void {
    const { sim, plan } = this;
    if (this.done >= this.size) return;
    const stop = this.sender.platform.standings.stopOf(plan);
    if (stop !== undefined && sim.now >= stop.since + inattention) {
      if (stop.until < Number.POSITIVE_INFINITY) sim.at(stop.until + minute, () => this.next());
      return;
    }
    this.done++;
    this.sender.template(this.roster.stranger('leads'), plan);
    sim.at(sim.now + sim.random.exponential(hour / this.perHour), () => this.next());
  }
}
