import { type Account, register } from './account.ts';
import type { Replies } from './audience.ts';
import { BoughtList } from './bought-list.ts';
import { Broadcast } from './broadcast.ts';
import type { CampaignPlan } from './campaign.ts';
import { day, hour, minute, second } from './emission.ts';
import type { Message } from './message.ts';
import type { PermitAnswer, PermitUse } from './permit-desk.ts';
import { localHour, type Person } from './person.ts';
import type { Platform } from './platform.ts';
import { Roster } from './roster.ts';
import { Sender } from './sender.ts';
import type { Simulation } from './simulation.ts';

/** The business: its campaigns, its orders, and what it does about what people do. */
export class Business implements Replies {
  private readonly roster: Roster;
  private readonly sender: Sender;
  private readonly broadcast: Broadcast;
  private orders = 0;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    private readonly plans: readonly CampaignPlan[],
    private readonly platform: Platform,
    permitsFrom: number,
  ) {
    this.roster = new Roster(sim);
    this.sender = new Sender(sim, account, platform, permitsFrom, (person, plan) => this.isWanted(person, plan));
    this.broadcast = new Broadcast(sim, this.roster, this.sender);
  }

  /** Registers everything, imports the people, and lets the campaigns begin. */
  open(contacts: number): void {
    const { sim, platform } = this;
    register(sim, this.account, this.plans);
    this.roster.begin(contacts);
    platform.standings.begin();
    for (const plan of this.plans) this.begin(plan, contacts);
    const somebody = (act: (person: Person) => void) => () => {
      const person = this.roster.anyone();
      // People seldom shop at night.
      if (person !== undefined && (localHour(person, sim.now) > 7 || sim.random.chance(0.15))) act(person);
    };
    sim.stream(
      contacts * 0.011,
      somebody((person) => this.ordered(person, undefined)),
    );
    sim.stream(
      contacts * 0.0003,
      somebody((person) => this.unsubscribed(person)),
    );
  }

  /** What has become of messages that had to ask, by campaign. */
  get permitUses(): ReadonlyMap<string, PermitUse> {
    return this.sender.desk.uses;
  }

  /** The answer to a request for sending rights. */
  permit(answer: PermitAnswer): void {
    this.sender.desk.answer(answer);
  }

  private isWanted(person: Person, plan: CampaignPlan): boolean {
    return plan.category !== 'marketing' || plan.timing.kind === 'list' || this.roster.mayMarket(person);
  }

  private begin(plan: CampaignPlan, contacts: number): void {
    const { sim } = this;
    const { timing } = plan;
    switch (timing.kind) {
      case 'waves':
        for (const [i, dayOfWave] of timing.days.entries()) {
          const again = i === timing.days.length - 1 ? timing.again : undefined;
          this.broadcast.schedule(plan, timing, nextHour(sim.startAt + dayOfWave * day, timing.hour), again);
        }
        break;
      case 'joiners':
        sim.stream(contacts * 0.0025, () => this.join(plan));
        break;
      case 'carts':
        sim.stream((contacts * timing.perThousand) / 1000, () => {
          const person = this.roster.anyone('window_shoppers');
          if (person !== undefined && this.roster.mayMarket(person)) this.sender.template(person, plan);
        });
        break;
      case 'list': {
        const list = new BoughtList(sim, this.roster, this.sender, plan, timing.size, timing.perHour);
        sim.at(sim.startAt + timing.fromDay * day, () => list.next());
        break;
      }
      case 'orders': // sent as orders come in
        break;
    }
  }

  private join(plan: CampaignPlan): void {
    const { sim } = this;
    const person = this.roster.add('new');
    person.consented = true;
    person.invalid = false;
    const number = this.account.numbers[plan.number];
    if (sim.random.chance(0.2)) {
      // Through an ad that opens the chat: the person writes first.
      const at = Math.floor(sim.now / 1000) * 1000;
      const referral = {
        source_url: 'https://fb.me/example',
        source_id: '120210000000000001',
        source_type: 'ad',
        headline: 'Chat with us',
        body: 'Find your size',
        media_type: 'image',
        ctwa_clid: `ARA${sim.ids.token()}${sim.ids.token()}`,
      };
      this.sender.platform.inbound(person, number, at, { type: 'text', text: { body: 'Hi! I saw your ad' }, referral }, () =>
        sim.tally.happened(person, { kind: 'reply', at, context: undefined }),
      );
    }
    this.roster.introduce(person, sim.now, 2 * second);
    if (person.country !== 'US')
      sim.at(sim.now + sim.random.lognormal(2 * minute, 0.5), () => this.sender.template(person, plan));
  }

  asked(person: Person, message: Message): void {
    const { sim } = this;
    sim.at(sim.now + 15 * second + sim.random.lognormal(7 * minute, 1.5), () =>
      this.sender.answer(person, message.number, sim.random.chance(0.04) ? 'audio' : 'text'),
    );
  }

  ordered(person: Person, touch: Message | undefined): void {
    const { sim } = this;
    const { random } = sim;
    const at = sim.now;
    const order_id = `o-${(++this.orders).toString().padStart(7, '0')}`;
    const amount = Math.max(4, random.lognormal(38, 0.6)).toFixed(2);
    const who = { contact_id: person.contactId };
    const named = touch !== undefined && isLastReached(person, touch, at) && random.chance(0.5);
    const link = named ? { send_id: touch.sendId, ...(touch.plan === undefined ? {} : { campaign_id: touch.plan.id }) } : {};
    sim.event('order.completed', at, { ...who, order_id, amount, currency: this.account.currency, ...link }, () =>
      sim.tally.happened(person, { kind: 'conversion', at, context: undefined }),
    );
    const updates = this.plans.find((plan) => plan.timing.kind === 'orders');
    if (updates !== undefined) {
      sim.at(at + random.between(10 * second, 40 * second), () => this.sender.template(person, updates));
      sim.at(at + random.between(0.6 * day, 1.6 * day), () => this.sender.template(person, updates));
      sim.at(at + random.between(2.2 * day, 4.5 * day), () => this.sender.template(person, updates));
    }
    if (random.chance(0.04)) {
      sim.at(at + random.between(5 * day, 12 * day), () => {
        sim.event('order.refunded', sim.now, { ...who, order_id, amount, currency: this.account.currency });
      });
    }
    if (person.segment !== 'loyal' && person.segment !== 'vip' && person.segment !== 'leads' && random.chance(0.35)) {
      sim.event('segment.left', at, { ...who, segment_id: person.segment });
      person.segment = 'loyal';
      sim.event('segment.entered', at, { ...who, segment_id: 'loyal' });
    }
  }

  reachedGoal(person: Person, touch: Message): void {
    const { sim } = this;
    const at = sim.now;
    const link = isLastReached(person, touch, at) ? { send_id: touch.sendId } : {};
    sim.event('goal.reached', at, { contact_id: person.contactId, goal: 'profile_completed', ...link }, () =>
      sim.tally.happened(person, { kind: 'conversion', at, context: undefined }),
    );
  }

  optedOut(person: Person): void {
    const { sim } = this;
    const knownAt = sim.now + sim.random.lognormal(2 * minute, 1);
    person.optOutKnownAt = Math.ceil(knownAt);
    sim.at(knownAt, () => this.withdraw(person, 'asked by message'));
  }

  /** An opt-out on a page of the business, by somebody whom no message has reached of late: no message gets the blame. */
  private unsubscribed(person: Person): void {
    const { now } = this.sim;
    const written = person.recent.some(({ reachesAt }) => reachesAt > now - 25 * hour && reachesAt <= now);
    if (written || person.optedOutAt <= now) return;
    person.optedOutAt = this.sim.now;
    person.optOutKnownAt = this.sim.now;
    this.withdraw(person, 'preference page');
  }

  private withdraw(person: Person, detail: string): void {
    const fields = { contact_id: person.contactId, category: 'marketing', state: 'withdrawn', detail };
    this.sim.event('consent.changed', this.sim.now, fields);
  }
}

/** The first full hour of this number (UTC) not before the instant. */
function nextHour(from: number, hourOfDay: number): number {
  const midnight = Math.floor(from / day) * day;
  const at = midnight + hourOfDay * hour;
  return at >= from ? at : at + day;
}

function isLastReached(person: Person, message: Message, at: number): boolean {
  return message.reachesAt <= at && person.recent.findLast((other) => other.reachesAt <= at) === message;
}
