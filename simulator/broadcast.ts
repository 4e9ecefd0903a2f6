import type { Arm, CampaignPlan, Timing } from './campaign.ts';
import { day, hour, minute, second } from './emission.ts';
import type { Person } from './person.ts';
import type { Roster } from './roster.ts';
import type { Sender } from './sender.ts';
import type { Simulation } from './simulation.ts';

type Waves = Timing & { kind: 'waves' };

/** Campaigns that write to a whole audience at once; those with arms assign everybody before anything is sent. */
export class Broadcast {
  private readonly arms = new Map<string, Map<Person, Arm>>();

  constructor(
    private readonly sim: Simulation,
    private readonly roster: Roster,
    private readonly sender: Sender,
  ) {}

  /** A wave at this instant, and again every `again` days. */
  schedule(plan: CampaignPlan, timing: Waves, at: number, again: number | undefined): void {
    if (plan.arms !== undefined) this.sim.at(at - 2 * hour, () => this.assign(plan, timing));
    this.sim.at(at, () => this.wave(plan, timing));
    if (again !== undefined) {
      this.sim.at(at + day, () => this.schedule(plan, timing, at + again * day, again));
    }
  }

  /** Puts each person of the audience into an arm before anything is sent. */
  private assign(plan: CampaignPlan, timing: Waves): void {
    const { sim } = this;
    const [first, ...rest] = plan.arms ?? [];
    if (first === undefined) return;
    const assigned = new Map<Person, Arm>();
    this.arms.set(plan.id, assigned);
    for (const person of this.roster.people) {
      if (!timing.segments.includes(person.segment) || !this.roster.mayMarket(person) || !sim.random.chance(timing.share))
        continue;
      const arm = sim.random.weighted([first, ...rest]);
      assigned.set(person, arm);
      const fields = { experiment_id: plan.id, contact_id: person.contactId, arm_id: arm.id, holdout: arm.holdout === true };
      sim.event('experiment.assigned', sim.now, fields, undefined, sim.random.between(0, 20 * minute));
    }
  }

  private wave(plan: CampaignPlan, timing: Waves): void {
    const { sim } = this;
    const assigned = this.arms.get(plan.id);
    const end = this.roster.people.length;
    let i = 0;
    const next = () => {
      while (i < end) {
        const person = this.roster.people[i++] as Person;
        const arm = assigned?.get(person);
        const chosen =
          assigned === undefined
            ? timing.segments.includes(person.segment) && sim.random.chance(timing.share)
            : arm !== undefined && arm.holdout !== true;
        if (!chosen || !this.roster.mayMarket(person)) continue;
        this.sender.template(person, plan, arm?.id);
        sim.at(sim.now + sim.random.exponential(second / timing.perSecond), next);
        return;
      }
    };
    next();
  }
}
