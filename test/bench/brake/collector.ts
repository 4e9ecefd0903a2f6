import type { PlatformWord } from '../../../controller/evidence.ts';
import type { SignalName } from '../../../controller/policy.ts';
import { scopeId } from '../../../controller/scope.ts';
import type { CohortRow, ControlSnapshot, LedgerRow, NumberRow } from '../../../controller/snapshot.ts';
import { day, type Emission, type EventBody, hour, minute } from '../../../simulator/emission.ts';
import { HeardMessage, type HeardPerson, wordScopes } from './heard.ts';

type Fields = Record<string, unknown>;

/** Messages older than this are in no cohort. */
const horizon = 3 * day;
const tiers: Record<string, number | null> = {
  TIER_250: 250,
  TIER_2K: 2_000,
  TIER_10K: 10_000,
  TIER_100K: 100_000,
  TIER_UNLIMITED: null,
};

interface TemplateNews {
  status: { event: string; at: number } | null;
  quality: { score: string; at: number } | null;
  mendedAt: number;
  deliveredAt: number;
}

/**
 * The controller's counts from what a world put on the wire, kept up to date in memory: a second method beside the warehouse's SQL,
 * fast enough for hundreds of worlds.
 */
export class Collector {
  private readonly messages = new Map<string, HeardMessage>();
  private readonly byWamid = new Map<string, HeardMessage>();
  private readonly people = new Map<string, HeardPerson>();
  private readonly charged = new Set<HeardPerson>();
  /** Where each message is counted. */
  private readonly counted = new Map<HeardMessage, Counts>();
  private readonly minutes = new Map<string, CohortRow>();
  private readonly quarters = new Map<string, CohortRow>();
  private readonly numbers = new Map<
    string,
    NumberRow & { display: string; flagged: { event: string; at: number } | null; firstPermitAt: number }
  >();
  private readonly portfolios = new Map<string, { wabas: Set<string>; limit: number | null }>();
  private readonly templates = new Map<string, TemplateNews>();
  private readonly refusals = new Map<string, { code: number; scope: 'number' | 'template'; value: string; at: number }>();
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
      cohorts: this.cohorts(asOf),
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
      words: this.words(),
      used: [...this.used].map(([permit_id, { count }]) => ({ permit_id, used: count })),
      policies: [],
      curves: [],
    };
  }

  /** Minutes of the newest two hours, quarter hours before them. The rows go on counting: they are for use at once. */
  private cohorts(asOf: number): CohortRow[] {
    const minuteFrom = Math.floor((asOf - 2 * hour) / (15 * minute)) * 15 * minute;
    for (const [key, row] of this.minutes) if (row.sent_at < minuteFrom) this.minutes.delete(key);
    for (const [key, row] of this.quarters) if (row.sent_at < asOf - horizon) this.quarters.delete(key);
    const rows: CohortRow[] = [];
    for (const row of this.quarters.values()) if (row.sent > 0 && row.sent_at < minuteFrom) rows.push(row);
    for (const row of this.minutes.values()) if (row.sent > 0) rows.push(row);
    return rows;
  }

  private ledgers(asOf: number): LedgerRow[] {
    let people = 0;
    for (const person of this.charged) {
      if (person.chargedAt >= asOf - day) people++;
      else this.charged.delete(person);
    }
    return [...this.portfolios].map(([portfolio_id, { limit }]) => ({ portfolio_id, people, limit }));
  }

  private words(): PlatformWord[] {
    const words: PlatformWord[] = [];
    const say = (scope: string, action: PlatformWord['action'], code: string, at: number) =>
      words.push({ scope, action, code, at, until: null });
    for (const [name, { status, quality }] of this.templates) {
      if (status?.event === 'PAUSED' || status?.event === 'DISABLED') {
        say(scopeId('template', name), 'stop', `template_${status.event.toLowerCase()}`, status.at);
      }
      if (quality?.score === 'RED' || quality?.score === 'YELLOW') {
        say(scopeId('template', name), 'no_growth', `template_quality_${quality.score.toLowerCase()}`, quality.at);
      }
    }
    for (const { phone_number_id, flagged } of this.numbers.values()) {
      if (flagged?.event === 'FLAGGED') say(scopeId('number', phone_number_id), 'no_growth', 'number_flagged', flagged.at);
    }
    for (const { code, scope, value, at } of this.refusals.values()) {
      const template = scope === 'template' ? this.templates.get(value) : undefined;
      if (template !== undefined && (template.deliveredAt > at || template.mendedAt > at)) continue;
      say(scopeId(scope, value), 'stop', `error_${code}`, at);
    }
    return words;
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
        flagged: null,
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
    const name = text(value['message_template_name']);
    if (name !== null) {
      const template = this.template(name);
      if (field === 'message_template_quality_update') {
        if (at >= (template.quality?.at ?? 0)) template.quality = { score: String(value['new_quality_score']), at };
        return;
      }
      const unpause = (value['other_info'] as Fields | undefined)?.['title'] === 'UNPAUSE';
      const event = unpause ? 'APPROVED' : String(value['event']);
      if (at >= (template.status?.at ?? 0)) template.status = { event, at };
      if (event === 'APPROVED') template.mendedAt = Math.max(template.mendedAt, at);
    }
    if (field === 'phone_number_quality_update' && /FLAGGED|UPGRADE|DOWNGRADE/.test(String(value['event']))) {
      const number = [...this.numbers.values()].find(({ display }) => display === digits(value['display_phone_number']));
      if (number !== undefined && at >= (number.flagged?.at ?? 0)) number.flagged = { event: String(value['event']), at };
    }
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

  private template(name: string): TemplateNews {
    const known = this.templates.get(name);
    if (known !== undefined) return known;
    const template = { status: null, quality: null, mendedAt: Number.NEGATIVE_INFINITY, deliveredAt: Number.NEGATIVE_INFINITY };
    this.templates.set(name, template);
    return template;
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
    if (message.template_name !== null && message.deliveredAt < Number.POSITIVE_INFINITY) {
      const template = this.template(message.template_name);
      template.deliveredAt = Math.max(template.deliveredAt, message.deliveredAt);
    }
    const scope = message.failed() && message.code !== null ? wordScopes.get(message.code) : undefined;
    const value = scope === 'number' ? message.phone_number_id : message.template_name;
    if (scope === undefined || value === null || message.code === null) return;
    const key = `${message.code} ${value}`;
    const at = Math.max(this.refusals.get(key)?.at ?? 0, message.failedAt);
    this.refusals.set(key, { code: message.code, scope, value, at });
  }

  /** Takes the message out of the groups where it was counted, and counts it where it belongs now. */
  private count(message: HeardMessage): void {
    const before = this.counted.get(message);
    if (before !== undefined) {
      for (const row of before.rows) add(row, before, -1);
      this.see(before.seenBy, -1);
      this.counted.delete(message);
    }
    const out = message.outAt();
    if (out === Number.POSITIVE_INFINITY) return;
    const number = message.phone_number_id;
    const permitsSince = (number === null ? undefined : this.numbers.get(number)?.firstPermitAt) ?? Number.POSITIVE_INFINITY;
    const counts: Counts = {
      rows: [],
      signal: message.signal(),
      delivered: message.deliveredAt < Number.POSITIVE_INFINITY,
      optedOut: message.optedOut,
      seenBy: message.category !== 'service' && message.firstAt() >= permitsSince ? number : null,
    };
    // Service messages without a campaign belong to no stream.
    if (message.category !== 'service' || message.campaign_id !== null) {
      counts.rows = [rowOf(this.minutes, message, out, minute), rowOf(this.quarters, message, out, 15 * minute)];
    }
    for (const row of counts.rows) add(row, counts, 1);
    this.see(counts.seenBy, 1);
    this.counted.set(message, counts);
  }

  private see(number: string | null, by: number): void {
    const row = number === null ? undefined : this.numbers.get(number);
    if (row !== undefined) row.seen += by;
  }
}

/** What one message counts for, and in which rows. */
interface Counts {
  rows: CohortRow[];
  signal: SignalName | null;
  delivered: boolean;
  optedOut: boolean;
  /** The number that it was seen from under permits. */
  seenBy: string | null;
}

function add(row: CohortRow, { signal, delivered, optedOut }: Counts, by: number): void {
  row.sent += by;
  if (delivered) row.delivered += by;
  if (signal !== null) row.events[signal] += by;
  if (optedOut) row.events.opt_out += by;
}

function rowOf(rows: Map<string, CohortRow>, message: HeardMessage, out: number, span: number): CohortRow {
  const { campaign_id, template_name, segment_id, phone_number_id, category } = message;
  const sent_at = Math.floor(out / span) * span;
  const key = `${campaign_id}\n${template_name}\n${segment_id}\n${phone_number_id}\n${category}\n${sent_at}`;
  let row = rows.get(key);
  if (row === undefined) {
    const events = { undeliverable: 0, platform_block: 0, other_failure: 0, opt_out: 0 };
    row = { campaign_id, template_name, segment_id, phone_number_id, category, sent_at, sent: 0, delivered: 0, events };
    rows.set(key, row);
  }
  return row;
}

function namesOf(fields: Fields, phone: string, user: string): string[] {
  return [
    ...(fields[phone] === undefined ? [] : [`phone ${digits(fields[phone])}`]),
    ...(fields[user] === undefined ? [] : [`user ${fields[user]}`]),
  ];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function digits(value: unknown): string {
  return String(value).replaceAll(/[^0-9]/g, '');
}
