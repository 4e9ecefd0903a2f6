import type { Emission, EventBody } from '../../../simulator/emission.ts';

type Fields = Record<string, unknown>;
const hour = 3_600_000;
const refusedForThePerson = [130403, 130472, 130497, 131021, 131026, 131049, 131050];

interface Sent {
  sendId: string;
  events: EventBody[];
  statuses: Fields[];
  proofs: number[];
  clicks: number;
  replies: number;
  optOuts: number;
  conversions: number;
}

/**
 * The metrics of DESIGN §4 in the plainest way: from the raw emissions alone, everything in memory, every question answered by
 * looking at everything. A second method, to hold the simulator's own count to.
 */
export function recount(emissions: readonly Emission[]) {
  const events = distinct(
    emissions.flatMap((emission) => (emission.kind === 'event' ? [emission.event] : [])),
    (event) => event.id,
  );
  const changes = emissions.flatMap((emission) =>
    emission.kind === 'webhook' ? emission.body.entry.flatMap((entry) => entry.changes.map(({ value }) => value)) : [],
  );
  const list = (name: string) => changes.flatMap((value) => (value[name] ?? []) as Fields[]);
  const inbound = distinct(list('messages'), (message) => String(message['id']));
  const preferences = distinct(list('user_preferences'), (preference) => JSON.stringify(preference));

  const messages = new Map<string, Sent>();
  const message = (sendId: unknown): Sent => {
    const id = String(sendId);
    const found = messages.get(id);
    if (found !== undefined) return found;
    const made = { sendId: id, events: [], statuses: [], proofs: [], clicks: 0, replies: 0, optOuts: 0, conversions: 0 };
    messages.set(id, made);
    return made;
  };
  for (const event of events) if (event.type.startsWith('message.')) message(event['send_id']).events.push(event);
  for (const status of list('statuses')) message(status['biz_opaque_callback_data']).statuses.push(status);
  const byWamid = new Map<unknown, Sent>();
  for (const sent of messages.values()) {
    for (const status of sent.statuses) byWamid.set(status['id'], sent);
    for (const event of sent.events) if (event['message_id'] !== undefined) byWamid.set(event['message_id'], sent);
  }

  // Names of one person: everything that was ever said together.
  const names = new Map<string, string>();
  const root = (name: string): string => {
    const next = names.get(name) ?? name;
    return next === name ? name : root(next);
  };
  const same = (fields: Fields[]) => {
    const all = fields.flatMap((f) => [
      ...(f['contact_id'] === undefined ? [] : [`contact ${f['contact_id']}`]),
      ...[f['phone'], f['wa_id'], f['from'], f['recipient_id']].flatMap((p) =>
        p === undefined ? [] : [`phone ${String(p).replace('+', '')}`],
      ),
      ...[f['user_id'], f['from_user_id'], f['recipient_user_id']].flatMap((u) => (u === undefined ? [] : [`user ${u}`])),
    ]);
    for (const name of all) names.set(root(name), root(all[0] as string));
    return all[0] === undefined ? '' : root(all[0]);
  };
  for (const event of events) same([event]);
  for (const sent of messages.values()) same([...sent.events, ...sent.statuses]);
  for (const value of changes) {
    for (const contact of (value['contacts'] ?? []) as Fields[]) same([contact]);
    const [contact] = (value['contacts'] ?? []) as Fields[];
    const [one] = (value['messages'] ?? []) as Fields[];
    if (contact !== undefined && one !== undefined) same([contact, one]);
  }
  const personOf = (sent: Sent) => same([...sent.events, ...sent.statuses]);

  const seconds = (fields: Fields) => Number(fields['timestamp']) * 1000;
  for (const sent of messages.values()) {
    for (const status of sent.statuses) {
      if (['delivered', 'read', 'played'].includes(String(status['status']))) sent.proofs.push(seconds(status));
    }
  }
  for (const event of events.filter(({ type }) => type === 'link.clicked')) {
    message(event['send_id']).clicks++;
    message(event['send_id']).proofs.push(Date.parse(event.at));
  }
  const named = (one: Fields) =>
    byWamid.get((one['reaction'] as Fields | undefined)?.['message_id'] ?? (one['context'] as Fields | undefined)?.['id']);
  const leaves = (one: Fields) =>
    (one['type'] === 'text' && /^(stop|unsubscribe)$/i.test(String((one['text'] as Fields)['body']))) ||
    (one['type'] === 'button' && (one['button'] as Fields)['payload'] === 'STOP');
  for (const one of inbound) {
    const target = named(one);
    if (target === undefined) continue;
    if (one['type'] === 'reaction' && (one['reaction'] as Fields)['emoji'] === undefined) continue;
    target.proofs.push(seconds(one));
    if (one['type'] === 'button' && !leaves(one)) target.clicks++;
  }
  const deliveredAt = (sent: Sent) => Math.min(...sent.proofs);
  const people = new Map<string, Sent[]>();
  for (const sent of messages.values()) {
    const person = personOf(sent);
    people.set(person, [...(people.get(person) ?? []), sent]);
  }
  const lastBefore = (person: string, at: number): Sent | undefined =>
    (people.get(person) ?? []).filter((sent) => deliveredAt(sent) <= at).toSorted((a, b) => deliveredAt(b) - deliveredAt(a))[0];
  const within = (sent: Sent | undefined, at: number, window: number) =>
    sent !== undefined && at - deliveredAt(sent) <= window ? sent : undefined;

  for (const one of inbound) {
    const at = seconds(one);
    const person = same([one]);
    if (leaves(one)) {
      const target = within(lastBefore(person, at), at, 24 * hour);
      if (target !== undefined) target.optOuts++;
    } else if (one['type'] !== 'reaction') {
      const target = within(named(one) ?? lastBefore(person, at), at, 24 * hour);
      if (target !== undefined) target.replies++;
    }
  }
  for (const preference of preferences.filter(({ value }) => value === 'stop')) {
    const at = seconds(preference);
    const target = within(lastBefore(same([preference]), at), at, 24 * hour);
    if (target !== undefined) target.optOuts++;
  }
  for (const event of events.filter(({ type }) => type === 'order.completed' || type === 'goal.reached')) {
    const at = Date.parse(event.at);
    const target = within(lastBefore(same([event]), at), at, 7 * 24 * hour);
    if (target !== undefined) target.conversions++;
  }

  const rows = new Map<string, Record<string, number>>();
  const failures = new Map<string, Record<string, number>>();
  for (const sent of messages.values()) {
    const event = (type: string) => sent.events.find((one) => one.type === type);
    const status = (name: string) => sent.statuses.find((one) => one['status'] === name);
    const request = event('message.requested');
    const key = `${request?.['campaign_id'] ?? null}/${request?.['variant_id'] ?? null}`;
    const rejected = event('message.rejected');
    const failed = status('failed');
    const code = (rejected?.['error_code'] ?? (failed?.['errors'] as Fields[] | undefined)?.[0]?.['code']) as number | undefined;
    const delivered = sent.proofs.length > 0;
    const out = delivered || status('sent') !== undefined;
    const held = event('message.held') !== undefined;
    const paused = event('message.paused') !== undefined;
    const waits = (held || paused) && !out && code === undefined;
    const accepted = !waits && (event('message.accepted') !== undefined || out || failed !== undefined);
    const flags: Record<string, boolean> = {
      requested: request !== undefined,
      accepted,
      held,
      paused,
      refused: rejected !== undefined,
      attempted: accepted || (rejected !== undefined && code !== undefined && refusedForThePerson.includes(code)),
      sent: out,
      delivered,
      read: status('read') !== undefined || status('played') !== undefined,
      played: status('played') !== undefined,
      clicked: sent.clicks > 0,
      replied: sent.replies > 0,
      unsubscribed: sent.optOuts > 0,
      converted: sent.conversions > 0,
      failed: code !== undefined,
      dropped: (held || paused) && code === 132015,
    };
    const row = rows.get(key) ?? {};
    rows.set(key, row);
    for (const [name, flag] of Object.entries(flags)) row[name] = (row[name] ?? 0) + (flag ? 1 : 0);
    if (code !== undefined) {
      const byCode = failures.get(key) ?? {};
      failures.set(key, byCode);
      byCode[code] = (byCode[code] ?? 0) + 1;
    }
  }
  return Object.fromEntries(
    [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, row]) => [key, { ...row, failed_by_code: failures.get(key) ?? {} }]),
  );
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
