import type { Account } from './account.ts';
import type { CampaignPlan, PhoneNumber } from './campaign.ts';
import { day, hour, minute } from './emission.ts';
import type { Message } from './message.ts';
import { MessagingLimit } from './messaging-limit.ts';
import { type Quality, type QualityMarks, QualityScore } from './quality.ts';
import type { Simulation } from './simulation.ts';

/** The first time that the platform thought less of a number or a template, or acted on it. */
export interface Downgrade {
  scope: 'number' | 'template';
  /** Id of the number, or name of the template. */
  id: string;
  /** `LIMITED`: sends of the number fail with 131048. */
  to: 'YELLOW' | 'RED' | 'PAUSED' | 'DISABLED' | 'LIMITED';
  at: number;
}

/** Puts news on the wire: field and value of a change. */
type News = (field: string, value: Record<string, unknown>) => void;

interface Standing {
  score: QualityScore;
  quality: Quality;
}

/** A template that cannot be sent: since when, and until when; Infinity when it was disabled. */
export interface TemplateStop {
  since: number;
  until: number;
}

const templateMarks: QualityMarks = { least: 400, yellow: 0.02, red: 0.04 };
const numberMarks: QualityMarks = { least: 1500, yellow: 0.012, red: 0.025 };
/** Documented: the first pause, the second; the third time the template is disabled. */
const pauses = [
  { length: 3 * hour, title: 'FIRST_PAUSE' },
  { length: 6 * hour, title: 'SECOND_PAUSE' },
] as const;
/** A number that stays RED so long cannot send for a day. */
const patience = 6 * hour;
const limitLength = day;

/** How the platform thinks of numbers and templates, from what people do with what they get, and what follows from it. */
export class Standings {
  /** In order of time. */
  readonly downgrades: Downgrade[] = [];
  /** Blocks and reports by campaign. */
  readonly blocks = new Map<string, number>();
  private readonly numbers = new Map<PhoneNumber, Standing & { redSince: number; limitedUntil: number }>();
  private readonly templates = new Map<CampaignPlan, Standing & { pauses: number; stop: TemplateStop | undefined }>();
  private readonly limit: MessagingLimit;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    plans: readonly CampaignPlan[],
    contacts: number,
    private readonly news: News,
  ) {
    for (const number of account.numbers) {
      this.numbers.set(number, {
        score: new QualityScore(),
        quality: 'GREEN',
        redSince: Number.POSITIVE_INFINITY,
        limitedUntil: 0,
      });
    }
    for (const plan of plans)
      this.templates.set(plan, { score: new QualityScore(), quality: 'UNKNOWN', pauses: 0, stop: undefined });
    this.limit = new MessagingLimit(contacts);
  }

  /** Tells what holds at the beginning, and judges every ten minutes from then on. */
  begin(): void {
    for (const plan of this.templates.keys()) {
      this.templateNews(plan, 'status', {
        event: 'APPROVED',
        reason: 'NONE',
        message_template_category: plan.category.toUpperCase(),
      });
    }
    this.news('business_capability_update', {
      max_daily_conversations_per_business: this.limit.tier,
      max_phone_numbers_per_business: 20,
    });
    this.judge();
    this.review();
  }

  /** A message reached its person: marketing ones count. */
  delivered(message: Message): void {
    const { now } = this.sim;
    if (!message.insideWindow) this.limit.reached(message.person, now);
    if (message.category !== 'marketing') return;
    this.numbers.get(message.number)?.score.delivered(now);
    if (message.plan !== undefined) this.templates.get(message.plan)?.score.delivered(now);
  }

  /** The person blocked or reported the business after this message. No webhook tells. */
  blocked(message: Message): void {
    const { now } = this.sim;
    this.numbers.get(message.number)?.score.blocked(now);
    if (message.plan === undefined) return;
    this.templates.get(message.plan)?.score.blocked(now);
    this.blocks.set(message.plan.id, (this.blocks.get(message.plan.id) ?? 0) + 1);
  }

  /** Why this message cannot be sent now; undefined when it can. */
  refusal(message: Message): 132015 | 132016 | 131048 | undefined {
    const stop = message.plan === undefined ? undefined : this.stopOf(message.plan);
    if (stop !== undefined) return stop.until === Number.POSITIVE_INFINITY ? 132016 : 132015;
    const limited = (this.numbers.get(message.number)?.limitedUntil ?? 0) > this.sim.now;
    return limited && message.category !== 'service' ? 131048 : undefined;
  }

  /** Whether, and how, the template of this campaign is stopped now. */
  stopOf(plan: CampaignPlan): TemplateStop | undefined {
    const stop = this.templates.get(plan)?.stop;
    return stop !== undefined && stop.until > this.sim.now ? stop : undefined;
  }

  private judge(): void {
    for (const plan of this.templates.keys()) this.judgeTemplate(plan);
    for (const number of this.numbers.keys()) this.judgeNumber(number);
    this.sim.at(this.sim.now + 10 * minute, () => this.judge());
  }

  private judgeTemplate(plan: CampaignPlan): void {
    const state = this.templates.get(plan);
    if (state === undefined || this.stopOf(plan) !== undefined) return;
    const { quality: before } = state;
    state.quality = state.score.judge(this.sim.now, before, templateMarks);
    if (state.quality === before) return;
    this.templateNews(plan, 'quality', { previous_quality_score: before, new_quality_score: state.quality });
    if (state.quality === 'YELLOW' && before !== 'RED') this.downgraded('template', plan.template.name, 'YELLOW');
    if (state.quality !== 'RED') return;
    this.downgraded('template', plan.template.name, 'RED');
    const pause = pauses[state.pauses++];
    const { now } = this.sim;
    state.stop = { since: now, until: pause === undefined ? Number.POSITIVE_INFINITY : now + pause.length };
    this.downgraded('template', plan.template.name, pause === undefined ? 'DISABLED' : 'PAUSED');
    const told = (event: string, title: string) =>
      this.templateNews(plan, 'status', { event, reason: null, other_info: { title, description: 'Low quality' } });
    if (pause === undefined) {
      told('DISABLED', 'DISABLED');
      return;
    }
    told('PAUSED', pause.title);
    this.sim.at(state.stop.until, () => {
      state.score.clear();
      state.quality = 'UNKNOWN';
      told('APPROVED', 'UNPAUSE');
    });
  }

  private judgeNumber(number: PhoneNumber): void {
    const state = this.numbers.get(number);
    if (state === undefined) return;
    const { now } = this.sim;
    const { quality: before } = state;
    state.quality = state.score.judge(now, before, numberMarks);
    // The word itself is in no webhook: only that a number of low quality is flagged.
    const told = (event: string) =>
      this.news('phone_number_quality_update', {
        display_phone_number: number.display,
        event,
        current_limit: this.limit.tier,
      });
    if (state.quality === 'YELLOW' && before === 'GREEN') this.downgraded('number', number.id, 'YELLOW');
    if (state.quality === 'RED' && before !== 'RED') {
      this.downgraded('number', number.id, 'RED');
      state.redSince = now;
      told('FLAGGED');
    }
    if (state.quality !== 'RED' && before === 'RED') {
      state.redSince = Number.POSITIVE_INFINITY;
      told('UNFLAGGED');
    }
    if (now - state.redSince >= patience && state.limitedUntil <= now) {
      state.limitedUntil = now + limitLength;
      this.downgraded('number', number.id, 'LIMITED');
    }
  }

  /** Every six hours: a limit that is half used goes up a level, unless the quality of a number or template is not high. */
  private review(): void {
    const { sim, limit } = this;
    sim.at(sim.now + 6 * hour, () => this.review());
    if (!limit.isHalfUsed(sim.now)) return;
    const low = [...this.numbers.values(), ...this.templates.values()].some(
      ({ quality }) => quality === 'YELLOW' || quality === 'RED',
    );
    if (low) {
      this.news('account_alerts', {
        entity_type: 'BUSINESS',
        entity_id: this.account.portfolioId,
        alert_info: {
          alert_severity: 'WARNING',
          alert_status: 'ACTIVE',
          alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED',
          alert_description: 'Limits cannot be increased for your business.',
        },
      });
      return;
    }
    const before = limit.tier;
    if (!limit.raise()) return;
    const now = { max_daily_conversations_per_business: limit.tier };
    this.news('business_capability_update', { ...now, max_phone_numbers_per_business: 20 });
    this.news('phone_number_quality_update', {
      display_phone_number: this.account.numbers[0].display,
      event: 'UPGRADE',
      old_limit: before,
      current_limit: limit.tier,
      ...now,
    });
  }

  private downgraded(scope: Downgrade['scope'], id: string, to: Downgrade['to']): void {
    if (this.downgrades.some((known) => known.scope === scope && known.id === id && known.to === to)) return;
    this.downgrades.push({ scope, id, to, at: this.sim.now });
  }

  private templateNews(plan: CampaignPlan, field: 'status' | 'quality', value: Record<string, unknown>): void {
    const { template } = plan;
    this.news(`message_template_${field}_update`, {
      ...value,
      message_template_id: template.id,
      message_template_name: template.name,
      message_template_language: template.language,
    });
  }
}
