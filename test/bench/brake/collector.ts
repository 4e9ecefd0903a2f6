import type { ControlSnapshot, LedgerRow, NumberRow } from '../../../controller/snapshot.ts';
import { countryOfPhone, countryOfUser } from '../../../ingest/country.ts';
import { day, type Emission, type EventBody, minute } from '../../../simulator/emission.ts';
import { CohortBook } from './cohort-book.ts';
import { HeardMessage, type HeardPerson } from './heard.ts';
import { PlatformWords } from './platform-words.ts';

type Fields = Record<string, unknown>;

const tiers: Record<string, number | null> = {
  TIER_250: 250,
  TIER_2K: 2_000,
  TIER_10K: 10_000,
  TIER_100K: 100_000,
  TIER_UNLIMITED: null,
};

/**
 * The controller's counts from what a world put on the wire, kept up to date in memory: a second method beside the warehouse's SQL,
 * fast enough for hundreds of worlds.
 */
export class Collector {
  private readonly messages = new Map<string, HeardMessage>();
  private readonly byWamid = new Map<string, HeardMessage>();
  private readonly people = new Map<string, HeardPerson>();
  private readonly charged = new Set<HeardPerson>();
  private readonly book = new CohortBook();
  /** The number that a message was seen from under permits. */
  private readonly seenBy = new Map<HeardMessage, string | null>();
  private readonly numbers = new Map<string, NumberRow & { display: string; firstPermitAt: number }>();
  private readonly portfolios = new Map<string, { wabas: Set<string>; limit: number | null }>();
  private readonly words = new PlatformWords();
  private readonly used = new Map<string, { count: number; expiresAt: number }>();
  private readonly events = new Set<string>();

  /** Messages requested so far, by campaign. */
  readonly requested = new Map<string, number>();

  take(emissions: readonly Emission[]): void {
    for (const emission of emissions) {
      if (emission.kind === 'event') this.event(emission.event);
      else if (emission.kind === 'command') this.command(emission.path, emission.body);
      else if (emission.kind === 'webhook') {
        for (const { time, changes } of emission.body.entry)
          for (const { field, value } of changes) this.change(field, value, time ?? 0);
      }
    }
  }

  /** Rights were granted. */
  granted(permit: { permit_id: string; phone_number_id: string; granted: number; at: number; expires_at: number }): void {
    if (permit.granted === 0) return;
    const number = this.numbers.get(permit.phone_number_id);
    if (number === undefined) return;
    number.firstPermitAt = Math.min(number.firstPermitAt, permit.at);
    number.permitted += permit.granted;
    this.used.set(permit.permit_id, { count: 0, expiresAt: permit.expires_at });
  }

  /** Rights came back. */
  returned(phoneNumberId: string, count: number): void {
    const number = this.numbers.get(phoneNumberId);
    if (number !== undefined) number.permitted -= count;
  }

  /** The counts as of this instant, which is not before anything that was taken. */
  snapshot(asOf: number): ControlSnapshot {
    for (const [permit, { expiresAt }] of this.used) if (expiresAt < asOf - 10 * minute) this.used.delete(permit);
    return {
      as_of: asOf,
      lag: 0,
      complete_to: asOf,
      cohorts: this.book.rows(asOf),
      numbers: [...this.numbers.values()].map(
        ({ phone_number_id, waba_id, portfolio_id, last_feedback_at, seen, permitted }) => ({
          phone_number_id,
          waba_id,
          portfolio_id,
          last_feedback_at,
          seen,
          permitted,
        }),
      ),
      ledgers: this.ledgers(asOf),
      words: this.words.inForce(),
      used: [...this.used].map(([permit_id, { count }]) => ({ permit_id, used: count })),
      policies: [],
      curves: [],
      baselines: null,
      established: null,
    };
  }

  private ledgers(asOf: number): LedgerRow[] {
    let people = 0;
    for (const person of this.charged) {
      if (person.chargedAt >= asOf - day) people++;
      else this.charged.delete(person);
    }
    return [...this.portfolios].map(([portfolio_id, { limit }]) => ({ portfolio_id, people, limit }));
  }

  private command(path: string, body: Fields): void {
    const [, kind, id = ''] = /^\/v1\/([a-z-]+)\/(.+)$/.exec(path) ?? [];
    if (kind === 'portfolios') this.portfolios.set(id, { wabas: new Set(), limit: null });
    else if (kind === 'wabas') this.portfolios.get(String(body['portfolio_id']))?.wabas.add(id);
    else if (kind === 'phone-numbers') {
      const waba = String(body['waba_id']);
      const portfolio = [...this.portfolios].find(([, { wabas }]) => wabas.has(waba))?.[0] ?? null;
      this.numbers.set(id, {
        phone_number_id: id,
        waba_id: waba,
        portfolio_id: portfolio,
        last_feedback_at: null,
        seen: 0,
        permitted: 0,
        display: digits(body['display_phone']),
        firstPermitAt: Number.POSITIVE_INFINITY,
      });
    }
  }

  private event(event: EventBody): void {
    const { id, type } = event;
    if (!type.startsWith('message.') && type !== 'link.clicked') return;
    if (this.events.has(id)) return;
    this.events.add(id);
    const message = this.message(String(event['send_id']));
    const at = Date.parse(event.at);
    if (type === 'message.requested') {
      message.requestedAt = at;
      message.campaign_id = text(event['campaign_id']);
      message.template_name = text(event['template_name']);
      message.segment_id = text(event['segment_id']);
      message.variant_id = text(event['variant_id']);
      message.market ??= marketOf(event['phone'], event['user_id']);
      message.phone_number_id = text(event['phone_number_id']);
      message.category = text(event['category']);
      message.permit_id = text(event['permit_id']);
      if (message.campaign_id !== null)
        this.requested.set(message.campaign_id, (this.requested.get(message.campaign_id) ?? 0) + 1);
      const lease = message.permit_id === null ? undefined : this.used.get(message.permit_id);
      if (lease !== undefined) lease.count++;
    } else if (type === 'message.accepted') message.acceptedAt = Math.min(message.acceptedAt, at);
    else if (type === 'message.held' || type === 'message.paused') message.waitsFrom = Math.max(message.waitsFrom, at);
    else if (type === 'message.rejected') this.failure(message, at, Number(event['error_code']));
    else message.deliveredAt = Math.min(message.deliveredAt, at);
    if (typeof event['message_id'] === 'string') this.byWamid.set(event['message_id'], message);
    this.tie(message, [
      ...(event['contact_id'] === undefined ? [] : [`contact ${event['contact_id']}`]),
      ...(event['phone'] === undefined ? [] : [`phone ${digits(event['phone'])}`]),
      ...(event['user_id'] === undefined ? [] : [`user ${event['user_id']}`]),
    ]);
    this.recount(message);
  }

  private change(field: string, value: Fields, time: number): void {
    if (field === 'messages') {
      const number = String((value['metadata'] as Fields | undefined)?.['phone_number_id']);
      for (const status of (value['statuses'] ?? []) as Fields[]) this.status(status, number);
      for (const inbound of (value['messages'] ?? []) as Fields[]) this.inbound(inbound, number);
    } else if (field === 'user_preferences') {
      for (const preference of (value['user_preferences'] ?? []) as Fields[]) {
        if (preference['value'] === 'stop') this.optOut(preference, Number(preference['timestamp']) * 1000, 'wa_id', 'user_id');
      }
    } else this.news(field, value, time * 1000);
  }

  private status(status: Fields, number: string): void {
    const message = this.message(String(status['biz_opaque_callback_data']));
    const at = Number(status['timestamp']) * 1000;
    this.byWamid.set(String(status['id']), message);
    message.phone_number_id ??= number;
    message.market ??= marketOf(status['recipient_id'], status['recipient_user_id']);
    message.category ??= text((status['pricing'] as Fields | undefined)?.['category']);
    const name = status['status'];
    if (name === 'failed') this.failure(message, at, Number((status['errors'] as Fields[] | undefined)?.[0]?.['code']));
    else if (name === 'sent') message.sentAt = Math.min(message.sentAt, at);
    else message.deliveredAt = Math.min(message.deliveredAt, at);
    this.heard(number, at);
    this.tie(message, namesOf(status, 'recipient_id', 'recipient_user_id'));
    this.recount(message);
  }

  private inbound(inbound: Fields, number: string): void {
    const at = Number(inbound['timestamp']) * 1000;
    this.heard(number, at);
    const person = this.person(namesOf(inbound, 'from', 'from_user_id'));
    if (!person.wroteAt.includes(at)) {
      person.wroteAt.push(at);
      this.charge(person);
    }
    const reaction = inbound['reaction'] as Fields | undefined;
    const named = this.byWamid.get(String(reaction?.['message_id'] ?? (inbound['context'] as Fields | undefined)?.['id']));
    const withdrawn = reaction !== undefined && reaction['emoji'] === undefined;
    if (named !== undefined && !withdrawn) {
      named.deliveredAt = Math.min(named.deliveredAt, at);
      this.recount(named);
    }
    const words = String((inbound['text'] as Fields | undefined)?.['body'] ?? '');
    const button = (inbound['button'] as Fields | undefined)?.['payload'];
    if (/^(stop|unsubscribe)$/i.test(words) || button === 'STOP') this.optOut(inbound, at, 'from', 'from_user_id');
  }

  private optOut(fields: Fields, at: number, phone: string, user: string): void {
    const person = this.person(namesOf(fields, phone, user));
    if (person.optOuts.includes(at)) return;
    person.optOuts.push(at);
    this.credit(person);
  }

  private news(field: string, value: Fields, at: number): void {
    const display = digits(value['display_phone_number']);
    const number = [...this.numbers.values()].find((one) => one.display === display);
    this.words.news(field, value, at, number?.phone_number_id ?? null);
    const tier = text(value['max_daily_conversations_per_business']);
    if (tier !== null) for (const portfolio of this.portfolios.values()) portfolio.limit = tiers[tier] ?? null;
  }

  private failure(message: HeardMessage, at: number, code: number): void {
    if (at >= message.failedAt) return;
    message.failedAt = at;
    message.code = code;
  }

  private message(sendId: string): HeardMessage {
    const known = this.messages.get(sendId);
    if (known !== undefined) return known;
    const message = new HeardMessage();
    this.messages.set(sendId, message);
    return message;
  }

  private heard(number: string, at: number): void {
    const row = this.numbers.get(number);
    if (row !== undefined) row.last_feedback_at = Math.max(row.last_feedback_at ?? 0, at);
  }

  /** The person with any of these names; two who turn out to be one become one. */
  private person(names: readonly string[], known?: HeardPerson): HeardPerson {
    const found = new Set(names.flatMap((name) => this.people.get(name) ?? []));
    if (known !== undefined) found.add(known);
    const [first, ...others] = found;
    const person = first ?? { names: [], messages: [], optOuts: [], wroteAt: [], chargedAt: Number.NEGATIVE_INFINITY };
    for (const other of others) {
      for (const message of other.messages) message.person = person;
      for (const name of other.names) this.people.set(name, person);
      person.names.push(...other.names);
      person.messages.push(...other.messages);
      person.optOuts.push(...other.optOuts);
      person.wroteAt.push(...other.wroteAt);
      this.charged.delete(other);
    }
    for (const name of names) {
      if (this.people.get(name) === person) continue;
      this.people.set(name, person);
      person.names.push(name);
    }
    if (others.length > 0) {
      this.charge(person);
      this.credit(person);
    }
    return person;
  }

  private tie(message: HeardMessage, names: readonly string[]): void {
    if (names.length === 0) return;
    const isNew = message.person === undefined;
    message.person = this.person(names, message.person);
    if (isNew) message.person.messages.push(message);
  }

  /** Each opt-out is credited to the message delivered last before it, if that was within a day. */
  private credit(person: HeardPerson): void {
    if (person.optOuts.length === 0) return;
    const hit = new Set<HeardMessage>();
    for (const at of person.optOuts) {
      let last: HeardMessage | undefined;
      for (const message of person.messages) {
        if (message.deliveredAt <= at && message.deliveredAt > (last?.deliveredAt ?? Number.NEGATIVE_INFINITY)) last = message;
      }
      if (last !== undefined && at - last.deliveredAt <= day) hit.add(last);
    }
    for (const message of person.messages) {
      if (message.optedOut === hit.has(message)) continue;
      message.optedOut = !message.optedOut;
      this.count(message);
    }
  }

  /** When the person was last written to outside a service window. */
  private charge(person: HeardPerson): void {
    let at = Number.NEGATIVE_INFINITY;
    for (const message of person.messages) {
      const out = message.outAt();
      const first = message.firstAt();
      if (message.category === 'service' || message.failed() || out === Number.POSITIVE_INFINITY || first <= at) continue;
      if (!person.wroteAt.some((wrote) => wrote <= out && wrote > out - day)) at = first;
    }
    person.chargedAt = at;
    if (at > Number.NEGATIVE_INFINITY) this.charged.add(person);
  }

  private recount(message: HeardMessage): void {
    const { person } = message;
    if (person !== undefined) {
      this.charge(person);
      this.credit(person);
    }
    this.count(message);
    this.words.told(message);
  }

  /** Counts the message where it belongs now. */
  private count(message: HeardMessage): void {
    const before = this.seenBy.get(message) ?? null;
    this.see(before, -1);
    const number = message.phone_number_id;
    const permitsSince = (number === null ? undefined : this.numbers.get(number)?.firstPermitAt) ?? Number.POSITIVE_INFINITY;
    const isOut = message.outAt() < Number.POSITIVE_INFINITY;
    const seenBy = isOut && message.category !== 'service' && message.firstAt() >= permitsSince ? number : null;
    this.see(seenBy, 1);
    this.seenBy.set(message, seenBy);
    this.book.count(message);
  }

  private see(number: string | null, by: number): void {
    const row = number === null ? undefined : this.numbers.get(number);
    if (row !== undefined) row.seen += by;
  }
}

function namesOf(fields: Fields, phone: string, user: string): string[] {
  return [
    ...(fields[phone] === undefined ? [] : [`phone ${digits(fields[phone])}`]),
    ...(fields[user] === undefined ? [] : [`user ${fields[user]}`]),
  ];
}

function marketOf(phone: unknown, user: unknown): string | null {
  return (
    (phone === undefined ? null : countryOfPhone(digits(phone))) ?? (user === undefined ? null : countryOfUser(String(user)))
  );
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function digits(value: unknown): string {
  return String(value).replaceAll(/[^0-9]/g, '');
}
