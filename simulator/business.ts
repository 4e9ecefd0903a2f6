import type { Replies } from './audience.ts';
import type { Arm, CampaignPlan, PhoneNumber, Timing } from './campaign.ts';
import { day, hour, minute, second } from './emission.ts';
import type { Category, Message } from './message.ts';
import { localHour, makePerson, type Person, type Segment } from './person.ts';
import type { Platform } from './platform.ts';
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

/** The business: its people, its campaigns, its orders, and the events by which it tells of them. */
export class Business implements Replies {
  readonly people: Person[] = [];
  private made = 0;
  private readonly arms = new Map<string, Map<Person, Arm>>();
  private orders = 0;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    private readonly plans: readonly CampaignPlan[],
    private readonly platform: () => Platform,
  ) {}

  /** Registers everything, imports the people, and lets the campaigns begin. */
  open(contacts: number): void {
    const { sim, account } = this;
    this.register();
    for (let i = 0; i < contacts; i++) this.newPerson();
    this.importPeople(0, contacts);
    for (const plan of this.plans) this.begin(plan, plan.timing, contacts);
    const awake = () => sim.random.chance(localHour(this.anyone(), sim.now) > 7 ? 1 : 0.15);
    sim.stream(contacts * 0.009, awake, () => this.ordered(this.anyone(), undefined));
    sim.stream(contacts * 0.0002, awake, () => this.unsubscribeByMail(this.anyone()));
    sim.stream(0.4, awake, () => this.qualityWobble());
    this.platform().news('business_capability_update', {
      max_daily_conversations_per_business: 'TIER_100K',
      max_phone_numbers_per_business: 20,
    });
    sim.at(sim.startAt + 6 * day, () =>
      this.platform().news('phone_number_quality_update', {
        display_phone_number: account.numbers[0].display,
        event: 'UPGRADE',
        old_limit: 'TIER_10K',
        current_limit: 'TIER_100K',
        max_daily_conversations_per_business: 'TIER_100K',
      }),
    );
  }

  private register(): void {
    const { sim, account } = this;
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
    for (const plan of this.plans) {
      put(`/v1/campaigns/${plan.id}`, {
        name: plan.name,
        objective: plan.objective,
        phone_number_id: account.numbers[plan.number].id,
        template_name: plan.template.name,
        template_language: plan.template.language,
        category: plan.category,
        margin: plan.margin,
        ...(plan.arms === undefined
          ? {}
          : { arms: plan.arms.map(({ id, name, weight, holdout }) => ({ id, name, weight, holdout: holdout === true })) }),
      });
      this.templateNews(plan, 'message_template_status_update', {
        event: 'APPROVED',
        reason: 'NONE',
        message_template_category: plan.category.toUpperCase(),
      });
    }
  }

  /** The first people, in twenty minutes. */
  private importPeople(from: number, to: number): void {
    const { sim } = this;
    if (from === to) return;
    this.introduce(this.people[from] as Person, Math.floor(sim.startAt - sim.random.between(2 * day, 500 * day)), 0);
    sim.at(sim.startAt + ((from + 1) / to) * 20 * minute, () => this.importPeople(from + 1, to));
  }

  private begin(plan: CampaignPlan, timing: Timing, contacts: number): void {
    const { sim } = this;
    switch (timing.kind) {
      case 'waves':
        for (const [i, dayOfWave] of timing.days.entries()) {
          const repeat = i === timing.days.length - 1 ? timing.again : undefined;
          this.scheduleWave(plan, timing, nextHour(sim.startAt + dayOfWave * day, timing.hour), repeat);
        }
        break;
      case 'joiners':
        sim.stream(contacts * 0.0025, always, () => this.join(plan));
        break;
      case 'carts':
        sim.stream((contacts * timing.perThousand) / 1000, always, () => {
          const person = this.anyone('window_shoppers');
          if (this.mayMarket(person)) this.send(person, plan);
        });
        break;
      case 'list':
        sim.at(sim.startAt + timing.fromDay * day, () => this.workThrough(plan, timing.size, timing.perHour));
        break;
      case 'orders':
        break;
    }
  }

  private scheduleWave(plan: CampaignPlan, timing: Timing & { kind: 'waves' }, at: number, again: number | undefined): void {
    if (plan.arms !== undefined) this.sim.at(at - 2 * hour, () => this.assign(plan, timing));
    this.sim.at(at, () => this.wave(plan, timing));
    if (again !== undefined) {
      this.sim.at(at + day, () => this.scheduleWave(plan, timing, at + again * day, again));
    }
  }

  /** Puts each person of the audience into an arm before anything is sent. */
  private assign(plan: CampaignPlan, timing: Timing & { kind: 'waves' }): void {
    const { sim } = this;
    const [first, ...rest] = plan.arms ?? [];
    if (first === undefined) return;
    const assigned = new Map<Person, Arm>();
    this.arms.set(plan.id, assigned);
    for (const person of this.people) {
      if (!timing.segments.includes(person.segment) || !this.mayMarket(person) || !sim.random.chance(timing.share)) continue;
      const arm = sim.random.weighted([first, ...rest]);
      assigned.set(person, arm);
      const fields = { experiment_id: plan.id, contact_id: person.contactId, arm_id: arm.id, holdout: arm.holdout === true };
      sim.event('experiment.assigned', sim.now, fields, undefined, sim.random.between(0, 20 * minute));
    }
  }

  private wave(plan: CampaignPlan, timing: Timing & { kind: 'waves' }): void {
    const { sim } = this;
    const assigned = this.arms.get(plan.id);
    const end = this.people.length;
    let i = 0;
    const next = () => {
      while (i < end) {
        const person = this.people[i++] as Person;
        const arm = assigned?.get(person);
        const chosen =
          assigned === undefined
            ? timing.segments.includes(person.segment) && sim.random.chance(timing.share)
            : arm !== undefined && arm.holdout !== true;
        if (!chosen || !this.mayMarket(person)) continue;
        this.send(person, plan, arm?.id);
        sim.at(sim.now + sim.random.exponential(second / timing.perSecond), next);
        return;
      }
    };
    next();
  }

  /** A bought list: the platform's answer comes in steps, as more of it is written to. */
  private workThrough(plan: CampaignPlan, size: number, perHour: number): void {
    const { sim, account } = this;
    let done = 0;
    let waitsUntil = 0;
    const next = () => {
      if (done >= size) return;
      done++;
      this.send(this.newPerson('leads'), plan);
      if (done === Math.round(size * 0.15)) this.quality(plan, 'GREEN', 'YELLOW');
      if (done === Math.round(size * 0.25)) {
        this.platform().news('phone_number_quality_update', {
          display_phone_number: account.numbers[plan.number].display,
          event: 'FLAGGED',
          current_limit: 'TIER_100K',
        });
        this.platform().news('account_alerts', {
          entity_type: 'BUSINESS',
          entity_id: account.portfolioId,
          alert_info: {
            alert_severity: 'WARNING',
            alert_status: 'ACTIVE',
            alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED',
            alert_description: 'Limits cannot be increased for your business.',
          },
        });
      }
      if (done === Math.round(size * 0.4)) {
        this.quality(plan, 'YELLOW', 'RED');
        waitsUntil = sim.now + 10 * minute;
        this.platform().pause(plan, sim.now + 3 * hour);
        const other_info = (title: string) => ({ other_info: { title, description: 'Low quality' } });
        this.templateNews(plan, 'message_template_status_update', {
          event: 'PAUSED',
          reason: null,
          ...other_info('FIRST_PAUSE'),
        });
        sim.at(sim.now + 3 * hour, () =>
          this.templateNews(plan, 'message_template_status_update', {
            event: 'APPROVED',
            reason: null,
            ...other_info('UNPAUSE'),
          }),
        );
      }
      // The sender notices the pause after ten minutes and goes on when it is over.
      const pauses = waitsUntil > 0 && sim.now >= waitsUntil;
      if (pauses) waitsUntil = 0;
      sim.at(sim.now + (pauses ? 3 * hour : 0) + sim.random.exponential(hour / perHour), next);
    };
    next();
  }

  private join(plan: CampaignPlan): void {
    const { sim } = this;
    const person = this.newPerson('new');
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
      this.platform().inbound(person, number, at, { type: 'text', text: { body: 'Hi! I saw your ad' }, referral }, () =>
        sim.tally.happened(person, { kind: 'reply', at, context: undefined }),
      );
    }
    this.introduce(person, sim.now, 2 * second);
    if (person.country !== 'US') sim.at(sim.now + sim.random.lognormal(2 * minute, 0.5), () => this.send(person, plan));
  }

  private newPerson(segment?: Segment): Person {
    const person = makePerson(this.sim.random, this.sim.ids, this.made++, segment);
    if (segment !== 'leads') this.people.push(person);
    return person;
  }

  /** Tells who a person is, what they agreed to, and where they belong. */
  private introduce(person: Person, since: number, delay: number): void {
    const { sim } = this;
    const { contactId: contact_id, phone, userId } = person;
    const ids = { contact_id, ...(phone === undefined ? {} : { phone }), ...(userId === undefined ? {} : { user_id: userId }) };
    const profile = { name: person.name, language: person.language, time_zone: person.timeZone };
    sim.event('contact.upserted', since, { ...ids, ...profile, attributes: { plan: person.segment } }, undefined, delay);
    sim.event('segment.entered', since, { contact_id, segment_id: person.segment }, undefined, delay);
    if (person.consented) {
      sim.event(
        'consent.changed',
        since,
        { contact_id, category: 'marketing', state: 'granted', detail: 'checkout' },
        undefined,
        delay,
      );
    }
  }

  private anyone(segment?: Segment): Person {
    const { random } = this.sim;
    let person = this.people[random.int(this.people.length)] as Person;
    for (let i = 0; segment !== undefined && person.segment !== segment && i < 12; i++) {
      person = this.people[random.int(this.people.length)] as Person;
    }
    return person;
  }

  /** Consent that the business knows of, and no marketing to numbers of the United States. */
  private mayMarket(person: Person): boolean {
    return person.consented && person.country !== 'US' && person.optOutKnownAt > this.sim.now;
  }

  private send(
    person: Person,
    plan: CampaignPlan | undefined,
    variantId?: string,
    service?: { number: PhoneNumber; kind: 'text' | 'audio' },
  ): void {
    const { sim, account } = this;
    const at = sim.now;
    const number = service?.number ?? account.numbers[plan?.number ?? 1];
    const category: Category = plan?.category ?? 'service';
    const message: Message = {
      sendId: sim.ids.sendId(at),
      wamid: sim.ids.messageId(),
      person,
      plan,
      variantId,
      number,
      category,
      kind: service?.kind ?? 'template',
      requestedAt: at,
      insideWindow: at < person.windowUntil,
      reachesAt: Number.POSITIVE_INFINITY,
      marks: 0,
      settled: 0,
      deliveredAt: Number.POSITIVE_INFINITY,
      failedWith: undefined,
      cell: sim.tally.unknown,
    };
    const fields: Record<string, unknown> = { send_id: message.sendId, contact_id: person.contactId };
    if (person.phone !== undefined) fields['phone'] = person.phone;
    else fields['user_id'] = person.userId;
    fields['phone_number_id'] = number.id;
    fields['waba_id'] = account.wabaId;
    if (plan !== undefined) {
      fields['campaign_id'] = plan.id;
      if (variantId !== undefined) fields['variant_id'] = variantId;
      fields['template_name'] = plan.template.name;
      fields['template_language'] = plan.template.language;
    }
    fields['segment_id'] = person.segment;
    fields['category'] = category;
    fields['message_type'] = message.kind;
    sim.event('message.requested', at, fields, () => sim.tally.requested(message));
    this.platform().take(message);
  }

  asked(person: Person, message: Message): void {
    const { sim } = this;
    sim.at(sim.now + 15 * second + sim.random.lognormal(7 * minute, 1.5), () =>
      this.send(person, undefined, undefined, { number: message.number, kind: sim.random.chance(0.04) ? 'audio' : 'text' }),
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
      sim.at(at + random.between(10 * second, 40 * second), () => this.send(person, updates));
      sim.at(at + random.between(0.6 * day, 1.6 * day), () => this.send(person, updates));
      sim.at(at + random.between(2.2 * day, 4.5 * day), () => this.send(person, updates));
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

  /** An opt-out that no message gets the blame for. */
  private unsubscribeByMail(person: Person): void {
    if (person.optedOutAt <= this.sim.now) return;
    person.optedOutAt = this.sim.now;
    person.optOutKnownAt = this.sim.now;
    this.withdraw(person, 'preference page');
  }

  private withdraw(person: Person, detail: string): void {
    const fields = { contact_id: person.contactId, category: 'marketing', state: 'withdrawn', detail };
    this.sim.event('consent.changed', this.sim.now, fields);
  }

  private qualityWobble(): void {
    const { random } = this.sim;
    const plan = this.plans[random.int(this.plans.length)];
    if (plan === undefined || plan.timing.kind === 'list') return;
    this.quality(plan, 'UNKNOWN', 'GREEN');
  }

  private quality(plan: CampaignPlan, from: string, to: string): void {
    this.templateNews(plan, 'message_template_quality_update', { previous_quality_score: from, new_quality_score: to });
  }

  private templateNews(plan: CampaignPlan, field: string, value: Record<string, unknown>): void {
    const { template } = plan;
    this.platform().news(field, {
      ...value,
      message_template_id: template.id,
      message_template_name: template.name,
      message_template_language: template.language,
    });
  }
}

function always(): boolean {
  return true;
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
