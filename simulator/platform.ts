import type { Account } from './account.ts';
import type { CampaignPlan, PhoneNumber } from './campaign.ts';
import { day, hour, minute, second, type WebhookChange } from './emission.ts';
import type { Message } from './message.ts';
import type { Person } from './person.ts';
import type { Simulation } from './simulation.ts';
import { Standings } from './standing.ts';
import { contactObject, errorTitle, messagesChange, type Status, statusObject, webhookBody } from './webhook.ts';

/** One update on its way to the webhook. */
interface Update {
  number: PhoneNumber;
  field: 'messages' | 'user_preferences';
  list: 'statuses' | 'messages' | 'user_preferences';
  /** Made when it goes out, the same each time: what waits for days holds no payload. */
  object: () => Record<string, unknown>;
  contact: (() => Record<string, unknown>) | undefined;
  /** Called when it goes out: first with the tally's reading of it, later as a copy. */
  counted: () => void;
}

/** The platform: takes messages, refuses, holds, delivers, and tells of it by webhooks with delays, copies and disorder. */
export class Platform {
  readonly standings: Standings;
  private readonly sends = new Map<CampaignPlan, number>();
  private batch: Update[] | undefined;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    plans: readonly CampaignPlan[],
    contacts: number,
    /** A message will reach its person at `message.reachesAt`. */
    private readonly onArrival: (message: Message) => void,
  ) {
    this.standings = new Standings(sim, account, plans, contacts, (field, value) => this.news(field, value));
  }

  /** Takes a message from the sender: answers by event, and plans what becomes of it. */
  take(message: Message): void {
    const { random } = this.sim;
    const { person, plan } = message;
    const answeredAt = Math.ceil(this.sim.now + random.lognormal(220, 0.4));
    const sends = plan === undefined ? 0 : (this.sends.get(plan) ?? 0) + 1;
    if (plan !== undefined) this.sends.set(plan, sends);
    const stopped = this.standings.refusal(message);
    if (stopped !== undefined) {
      if (stopped === 132015 && random.chance(0.3)) this.answer(message, 'paused', answeredAt);
      else if (stopped === 131048 && random.chance(0.5)) this.failLater(message, stopped, answeredAt);
      else this.refuse(message, stopped, answeredAt);
      return;
    }
    const refusal = person.invalid && random.chance(0.12) ? 131026 : random.chance(0.0003) ? 130429 : undefined;
    if (refusal !== undefined) {
      this.refuse(message, refusal, answeredAt);
      return;
    }
    const pacing = plan?.pacing;
    if (plan !== undefined && pacing !== undefined && sends > pacing.after && random.chance(pacing.share)) {
      this.answer(message, 'held', answeredAt);
      this.sim.at(answeredAt + random.lognormal(25 * minute, 0.4), () => {
        if (this.standings.stopOf(plan) !== undefined) this.fail(message, 132015, this.sim.now);
        else this.route(message, this.sim.now);
      });
      return;
    }
    this.answer(message, 'accepted', answeredAt);
    this.route(message, answeredAt);
  }

  /** A message from a person; `counted` is called when it goes out for the first time. `at` is whole seconds. */
  inbound(person: Person, number: PhoneNumber, at: number, content: Record<string, unknown>, counted: () => void): void {
    const object = content;
    if (person.waId !== undefined) object['from'] = person.waId;
    if (person.userId !== undefined) object['from_user_id'] = person.userId;
    object['id'] = this.sim.ids.messageId();
    object['timestamp'] = String(at / 1000);
    person.windowUntil = at + 24 * hour;
    this.post(at, {
      number,
      field: 'messages',
      list: 'messages',
      object: () => object,
      contact: () => contactObject(person, true),
      counted: () => {
        this.sim.tally.updates.inbound++;
        counted();
      },
    });
  }

  /** The person chose in the app to stop or resume marketing messages. */
  preference(person: Person, number: PhoneNumber, at: number, value: 'stop' | 'resume', counted: () => void): void {
    const contact = () => contactObject(person, false);
    const object = () => ({
      ...contact(),
      detail: `User requested to ${value} marketing messages`,
      category: 'marketing_messages',
      value,
      timestamp: at / 1000,
    });
    this.post(at, {
      number,
      field: 'user_preferences',
      list: 'user_preferences',
      object,
      contact,
      counted: () => {
        this.sim.tally.updates.platform++;
        counted();
      },
    });
  }

  /** News of a template, a number or the account, now. */
  news(field: string, value: Record<string, unknown>): void {
    const at = Math.floor(this.sim.now / 1000);
    this.sim.at(this.sim.now + this.networkDelay(), () => {
      this.sim.tally.updates.platform++;
      this.emit([{ field, value }], 1, at);
    });
  }

  private answer(message: Message, answer: 'accepted' | 'held' | 'paused', at: number): void {
    const { person } = message;
    const fields: Record<string, unknown> = { send_id: message.sendId, message_id: message.wamid };
    if (person.waId !== undefined) fields['phone'] = person.waId;
    if (person.userId !== undefined) fields['user_id'] = person.userId;
    this.sim.event(`message.${answer}`, at, fields, () => this.sim.tally.answered(message, answer));
  }

  private refuse(message: Message, code: number, at: number): void {
    const fields = { send_id: message.sendId, error_code: code, error_title: errorTitle(code) };
    this.sim.event('message.rejected', at, fields, () => this.sim.tally.refused(message, code));
  }

  /** What becomes of an accepted message. */
  private route(message: Message, at: number): void {
    const { random } = this.sim;
    const code = this.obstacle(message, at);
    if (code !== undefined) {
      this.fail(message, code, at + random.lognormal(1.5 * second, 0.8));
      return;
    }
    const sentAt = wholeSecond(at + random.lognormal(900, 0.5));
    this.status(message, 'sent', sentAt, undefined, () => this.sim.tally.sent(message));
    const delay = random.float();
    if (delay < 0.018 || message.person.blocked) return; // never comes online again, or gets nothing of ours any more
    const wait =
      delay < 0.9
        ? random.lognormal(4 * second, 1.3)
        : delay < 0.97
          ? random.lognormal(25 * minute, 1.1)
          : random.lognormal(7 * hour, 1);
    const { recent } = message.person;
    const previous = recent.at(-1)?.reachesAt ?? 0;
    // A device gets its messages in order, and no two in one second here, so that "the last message before" is never a tie.
    message.reachesAt = Math.max(wholeSecond(sentAt + second + wait), previous + second);
    recent.push(message);
    if (recent.length > 12) recent.shift();
    if (message.category !== 'service') this.sim.at(message.reachesAt, () => this.standings.delivered(message));
    this.onArrival(message);
  }

  private obstacle(message: Message, at: number): number | undefined {
    const { random } = this.sim;
    const { person, category } = message;
    if (person.invalid) return 131026;
    if (category === 'service') return at > person.windowUntil ? 131047 : undefined;
    if (category === 'utility') return undefined;
    if (person.stoppedAtPlatform) return 131050;
    if (person.platformHoldout) return 130472;
    if (person.country === 'US') return 131049;
    const cold = person.segment === 'leads' ? 0.03 : person.segment === 'dormant' ? 0.06 : 0.022;
    return at > person.windowUntil && random.chance(cold) ? 131049 : undefined;
  }

  /** Taken first, and then told to have failed. */
  private failLater(message: Message, code: number, answeredAt: number): void {
    this.answer(message, 'accepted', answeredAt);
    this.fail(message, code, answeredAt + this.sim.random.lognormal(1.5 * second, 0.8));
  }

  private fail(message: Message, code: number, at: number): void {
    this.status(message, 'failed', wholeSecond(at), code, () => this.sim.tally.failed(message, code));
  }

  /** Posts a status; `at` is whole seconds. */
  status(message: Message, status: Status, at: number, code: number | undefined, counted: () => void): void {
    const { person, number } = message;
    const contact =
      person.userId === undefined || status === 'failed' ? undefined : () => contactObject(person, status !== 'sent');
    this.post(at, {
      number,
      field: 'messages',
      list: 'statuses',
      object: () => statusObject(message, status, at, code),
      contact,
      counted: () => {
        this.sim.tally.updates.statuses++;
        counted();
      },
    });
  }

  /** Puts an update on the wire after a delay, and sometimes a copy of it later. */
  private post(happenedAt: number, update: Update): void {
    const { sim } = this;
    sim.at(happenedAt + this.networkDelay(), () => {
      this.send(update);
      if (!sim.random.chance(0.02)) return;
      sim.at(sim.now + 3 * second + Math.min(sim.random.lognormal(9 * minute, 1.7), 36 * hour), () => this.send(update));
    });
  }

  /** One POST an update, or several updates in one. */
  private send(update: Update): void {
    const { sim } = this;
    if (this.batch !== undefined) {
      this.batch.push(update);
      return;
    }
    if (!sim.random.chance(0.08)) {
      this.deliver([update]);
      return;
    }
    const batch = [update];
    this.batch = batch;
    sim.at(sim.now + sim.random.between(0.3 * second, 2 * second), () => {
      this.batch = undefined;
      this.deliver(batch);
    });
  }

  private deliver(updates: Update[]): void {
    const { tally } = this.sim;
    for (const update of updates) {
      update.counted();
      update.counted = () => {
        tally.updates.copies++;
      };
    }
    this.emit(changesOf(updates), updates.length);
  }

  private emit(changes: WebhookChange[], updates: number, time?: number): void {
    const { sim } = this;
    if (sim.random.chance(0.0004))
      changes.push({ field: 'message_insights', value: { window: 'P1D', note: 'not announced yet' } });
    sim.emit({ kind: 'webhook', at: sim.now, body: webhookBody(this.account.wabaId, changes, time), updates });
  }

  /** Mostly about a second; sometimes minutes, seldom hours, rarely days, never more than seven. */
  private networkDelay(): number {
    const { random } = this.sim;
    const draw = random.float();
    if (draw < 0.94) return random.lognormal(900, 0.6);
    if (draw < 0.995) return random.between(0, 4 * minute);
    if (draw < 0.9993) return Math.min(random.lognormal(2 * hour, 1), day);
    return random.between(6 * hour, 7 * day);
  }
}

/** Neighbours about one number with nothing to say of a contact share a change. */
function changesOf(updates: readonly Update[]): WebhookChange[] {
  const changes: WebhookChange[] = [];
  let open: { update: Update; objects: Record<string, unknown>[] } | undefined;
  for (const update of updates) {
    const shared =
      open !== undefined &&
      update.contact === undefined &&
      open.update.contact === undefined &&
      open.update.number === update.number &&
      open.update.list === update.list;
    if (shared && open !== undefined) {
      open.objects.push(update.object());
      continue;
    }
    const objects = [update.object()];
    open = { update, objects };
    const parts =
      update.contact === undefined ? { [update.list]: objects } : { contacts: [update.contact()], [update.list]: objects };
    changes.push(messagesChange(update.number, parts, update.field));
  }
  return changes;
}

function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}
