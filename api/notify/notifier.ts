import type { Decision } from '../../controller/decision.ts';
import type { CohortRow } from '../../controller/snapshot.ts';
import type { Config } from '../config.ts';
import { AlertBook, escaped } from './alert.ts';
import { type ScopeNotice, ToldStates } from './control-notice.ts';
import { Courier, type Delivery } from './courier.ts';
import { belowDelivery } from './delivery-warning.ts';
import { type Effect, effectOf } from './effect.ts';
import { signedHeaders } from './standard-webhook.ts';

/** How often everything that is braked is told anew, so that a sender that missed something mends itself, ms. */
const snapshotEveryMs = 3_600_000;
const dayMs = 24 * 3_600_000;

export interface NotifierParts {
  config: Config['notify'];
  now: () => Date;
  random: () => number;
  newId: () => string;
  report: (error: unknown) => void;
  /** Waits between tries, for tests. */
  waits?: readonly number[];
}

/** One notice to one address, how it fared, and how the sender followed. */
export interface NoticeView extends Delivery, Effect {
  notice: ScopeNotice;
  to: string;
}

/** Tells senders and people what the controller decided: signed webhooks for the ones, alerts for the others. */
export class Notifier {
  private readonly states = new ToldStates();
  private readonly alerts = new AlertBook();
  private readonly webhooks: Courier[];
  private readonly channels: Courier[];
  private readonly notices = new Map<string, ScopeNotice>();
  private readonly timer: NodeJS.Timeout;
  /** When people were told of a campaign's delivery. */
  private readonly warned = new Map<string, number>();

  constructor(private readonly parts: NotifierParts) {
    const { urls, secrets, alertUrls } = parts.config;
    const courier = (url: string, headers: ConstructorParameters<typeof Courier>[1]['headers']) =>
      new Courier(url, { ...parts, headers });
    this.webhooks = urls.map((url) => courier(url, ({ id, body }, at) => signedHeaders(id, at, body, secrets)));
    this.channels = alertUrls.map((url) => courier(url, () => ({})));
    this.timer = setInterval(() => this.tellAll(), snapshotEveryMs).unref();
  }

  /** Decisions that were in force when the controller took over: what is braked is told once more, as one notice. */
  begin(latest: readonly Decision[]): void {
    for (const decision of latest) this.states.changed(decision);
    this.tellAll();
  }

  /** A decision that is in force from now on. */
  tell(decision: Decision): void {
    const notice = this.states.changed(decision);
    if (notice === null) return;
    const id = notice.decision_id;
    this.keep(notice);
    const body = JSON.stringify({ type: 'control.state_changed', timestamp: notice.decided_at, data: notice });
    for (const webhook of this.webhooks) webhook.give({ id, key: notice.scope, body });
    const text = this.alerts.textOf(notice, this.parts.now().getTime());
    if (text === null) return;
    for (const channel of this.channels) channel.give({ id, key: id, body: JSON.stringify({ text }) });
  }

  /** Tells people, once a day each, of campaigns that reach fewer than they should: to be called every minute or so. */
  warnOfDelivery(cohorts: readonly CohortRow[], below: number): void {
    const now = this.parts.now().getTime();
    for (const { campaign_id, sent, delivered } of belowDelivery(cohorts, below, now)) {
      if (now - (this.warned.get(campaign_id) ?? Number.NEGATIVE_INFINITY) < dayMs) continue;
      this.warned.set(campaign_id, now);
      const share = ((100 * delivered) / sent).toFixed(1);
      const text = `:large_yellow_circle: \`campaign:${escaped(campaign_id)}\` reaches ${share} % (${delivered} of ${sent} messages of the last 72 hours); it should be above ${100 * below} %.`;
      const id = this.parts.newId();
      for (const channel of this.channels) channel.give({ id, key: id, body: JSON.stringify({ text }) });
    }
  }

  /** The newest notices of state changes by address, newest first, with what came of each by these counts. */
  views(cohorts: readonly CohortRow[]): NoticeView[] {
    const now = this.parts.now().getTime();
    const views = this.webhooks.flatMap((webhook) =>
      webhook.deliveries.flatMap((delivery) => {
        const notice = this.notices.get(delivery.id);
        if (notice === undefined) return [];
        const stops = !notice.may_send;
        const effect = stops
          ? effectOf(notice.scope, Date.parse(notice.decided_at), cohorts, now)
          : { last_send_at: null, stopped_after_ms: null };
        return [{ ...delivery, ...effect, notice, to: webhook.origin }];
      }),
    );
    return views.sort((a, b) => b.notice.seq - a.notice.seq || (a.to < b.to ? -1 : 1));
  }

  /** Letters that nobody has acknowledged yet. */
  get open(): number {
    return [...this.webhooks, ...this.channels].reduce((sum, courier) => sum + courier.open, 0);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.webhooks, ...this.channels].map((courier) => courier.stop()));
  }

  /** Whoever reads it takes every scope that is not in it for open. */
  private tellAll(): void {
    const timestamp = this.parts.now().toISOString();
    const body = JSON.stringify({ type: 'control.snapshot', timestamp, data: { scopes: this.states.all() } });
    for (const webhook of this.webhooks) webhook.give({ id: this.parts.newId(), key: 'snapshot', body });
  }

  private keep(notice: ScopeNotice): void {
    this.notices.set(notice.decision_id, notice);
    const [oldest] = this.notices.keys();
    if (this.notices.size > 1000 && oldest !== undefined) this.notices.delete(oldest);
  }
}
