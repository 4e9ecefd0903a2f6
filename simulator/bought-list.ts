import type { Account } from './account.ts';
import type { CampaignPlan } from './campaign.ts';
import { hour, minute } from './emission.ts';
import type { Roster } from './roster.ts';
import type { Sender } from './sender.ts';
import type { Simulation } from './simulation.ts';
import { qualityNews, templateNews } from './template-news.ts';

/** A campaign to strangers whose numbers were bought: the platform's answer comes in steps, as more of the list is written to. */
export class BoughtList {
  private done = 0;
  private noticesPauseAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    private readonly roster: Roster,
    private readonly sender: Sender,
    private readonly plan: CampaignPlan,
    private readonly size: number,
    private readonly perHour: number,
  ) {}

  /** Writes to the next one, and so on until the list is through. */
  next(): void {
    const { sim, plan, size } = this;
    if (this.done >= size) return;
    this.done++;
    this.sender.template(this.roster.stranger('leads'), plan);
    const { platform } = this.sender;
    if (this.done === Math.round(size * 0.15)) qualityNews(platform, plan, 'GREEN', 'YELLOW');
    if (this.done === Math.round(size * 0.25)) this.warn();
    if (this.done === Math.round(size * 0.4)) this.pause();
    // The sender notices the pause after a while and goes on when it is over.
    const waits = sim.now >= this.noticesPauseAt;
    if (waits) this.noticesPauseAt = Number.POSITIVE_INFINITY;
    sim.at(sim.now + (waits ? pauseLength : 0) + sim.random.exponential(hour / this.perHour), () => this.next());
  }

  private warn(): void {
    const { platform } = this.sender;
    platform.news('phone_number_quality_update', {
      display_phone_number: this.account.numbers[this.plan.number].display,
      event: 'FLAGGED',
      current_limit: 'TIER_100K',
    });
    platform.news('account_alerts', {
      entity_type: 'BUSINESS',
      entity_id: this.account.portfolioId,
      alert_info: {
        alert_severity: 'WARNING',
        alert_status: 'ACTIVE',
        alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED',
        alert_description: 'Limits cannot be increased for your business.',
      },
    });
  }

  private pause(): void {
    const { sim, plan } = this;
    const { platform } = this.sender;
    const news = (event: string, title: string) =>
      templateNews(platform, plan, 'status', { event, reason: null, other_info: { title, description: 'Low quality' } });
    qualityNews(platform, plan, 'YELLOW', 'RED');
    news('PAUSED', 'FIRST_PAUSE');
    platform.pause(plan, sim.now + pauseLength);
    this.noticesPauseAt = sim.now + 10 * minute;
    sim.at(sim.now + pauseLength, () => news('APPROVED', 'UNPAUSE'));
  }
}

const pauseLength = 3 * hour;
