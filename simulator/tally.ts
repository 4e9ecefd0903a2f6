import { day, hour } from './emission.ts';
import type { Message } from './message.ts';
import type { Person } from './person.ts';

/** What a message is counted for; each a bit of `Message.marks`. */
export const counted = [
  'requested',
  'accepted',
  'held',
  'paused',
  'refused',
  'attempted',
  'sent',
  'delivered',
  'read',
  'played',
  'clicked',
  'replied',
  'unsubscribed',
  'converted',
  'failed',
  'dropped',
] as const;
export type Counted = (typeof counted)[number];

const bit = Object.fromEntries(counted.map((name, i) => [name, 1 << i])) as Record<Counted, number>;
const credits = bit.replied | bit.unsubscribed | bit.converted;

/** Windows after delivery, milliseconds, both ends included. */
export const replyWindow = 24 * hour;
export const optOutWindow = 24 * hour;
export const conversionWindow = 7 * day;

/** Refusals that are about the recipient: they count as attempts when they come in the reply, as they would as a failed status. */
export const recipientCodes: ReadonlySet<number> = new Set([130403, 130472, 130497, 131021, 131026, 131049, 131050]);
/** Held or paused messages that end with these codes were dropped. */
const dropCodes: ReadonlySet<number> = new Set([132015, 135000]);

/** Something a person did that may be credited to a message. */
export interface Happening {
  kind: 'reply' | 'optOut' | 'conversion';
  at: number;
  /** The message named by the context of a reply. */
  context: Message | undefined;
}

/** Counts of one campaign and variant. */
export interface Cell {
  campaignId: string | undefined;
  variantId: string | undefined;
  counts: number[];
  failures: Map<number, number>;
}

export type TallyRow = { campaign_id: string | null; variant_id: string | null } & Record<Counted, number> & {
    /** Messages by the code they were refused or failed with. */
    failed_by_code: Record<string, number>;
  };

/** The world's own count of what it has put on the wire so far. */
export interface TallyReport {
  /** The simulated instant up to which it counts, ISO 8601. */
  at: string;
  updates: { events: number; statuses: number; inbound: number; platform: number; copies: number };
  /** By campaign and variant; null where a message has none, or where its `message.requested` is not out yet. */
  rows: TallyRow[];
  total: Omit<TallyRow, 'campaign_id' | 'variant_id'>;
}

/**
 * Counts messages by campaign and variant from what was put on the wire, by the definitions of the metrics. A later state
 * proves the earlier ones.
 * - accepted: the sender told so, or a status that only an accepted message can have. attempted: the same, or refused with a code
 *   of `recipientCodes`, or held and then dropped. Neither while it is held or paused.
 * - delivered: a `delivered`, `read` or `played` status, a reply or reaction in the message's context, a button tap, or a click
 *   tied to it; its time is the earliest of these.
 * - replied: a counted reply no later than 24 h after delivery, credited to the message its context names, else to the one
 *   delivered last before it. Words and buttons that opt out are no replies.
 * - unsubscribed: an opt-out no later than 24 h after the delivery of the message that was delivered last before it.
 * - converted: an order or goal no later than 7 days after the delivery of the message that was delivered last before it.
 * Credits are worked out per person when asked for, since a late status can move them.
 */
export class Tally {
  readonly updates = { events: 0, statuses: 0, inbound: 0, platform: 0, copies: 0 };
  private readonly cells = new Map<string, Cell>();
  /** Where messages are counted whose request is not out yet: with those of no campaign. */
  readonly unknown: Cell = this.cellOf(undefined, undefined);
  private touched: Person[] = [];

  requested(message: Message): void {
    this.moveTo(this.cellOf(message.plan?.id, message.variantId), message);
    this.mark(message, bit.requested);
  }

  answered(message: Message, answer: 'accepted' | 'held' | 'paused'): void {
    if (answer === 'accepted') message.taken = true;
    else this.mark(message, bit[answer]);
    this.weigh(message);
  }

  refused(message: Message, code: number): void {
    this.mark(message, bit.refused);
    this.failed(message, code);
  }

  failed(message: Message, code: number): void {
    if (message.failedWith === undefined) {
      message.failedWith = code;
      message.cell.failures.set(code, (message.cell.failures.get(code) ?? 0) + 1);
    }
    this.mark(message, bit.failed);
    if (isHeldBack(message) && dropCodes.has(code)) this.mark(message, bit.dropped);
    this.weigh(message);
  }

  sent(message: Message): void {
    this.mark(message, bit.sent);
    this.weigh(message);
  }

  read(message: Message, at: number): void {
    this.mark(message, bit.read);
    this.proven(message, at);
  }

  played(message: Message, at: number): void {
    this.mark(message, bit.played);
    this.read(message, at);
  }

  clicked(message: Message, at: number): void {
    this.mark(message, bit.clicked);
    this.proven(message, at);
  }

  /** A proof of delivery: its time counts when it is earlier than those known. */
  proven(message: Message, at: number): void {
    if (at >= message.deliveredAt) return;
    const { person } = message;
    if (message.deliveredAt === Number.POSITIVE_INFINITY) {
      this.mark(message, bit.delivered);
      this.sent(message);
      person.delivered.push(message);
    }
    message.deliveredAt = at;
    this.touch(person);
  }

  happened(person: Person, happening: Happening): void {
    person.happenings.push(happening);
    this.touch(person);
    if (person.happenings.length + person.delivered.length > 64) this.settle(person, happening.at);
  }

  report(now: number): TallyReport {
    for (const person of this.touched) {
      person.touched = false;
      this.credit(person);
    }
    this.touched = [];
    const cells = [...this.cells.values()].filter((cell) => cell.counts.some((count) => count > 0));
    const total = newCell(undefined, undefined);
    for (const cell of cells) {
      cell.counts.forEach((count, i) => {
        total.counts[i] = (total.counts[i] ?? 0) + count;
      });
      for (const [code, count] of cell.failures) total.failures.set(code, (total.failures.get(code) ?? 0) + count);
    }
    const rows = cells.map((cell) => ({
      campaign_id: cell.campaignId ?? null,
      variant_id: cell.variantId ?? null,
      ...numbersOf(cell),
    }));
    rows.sort((a, b) => (keyOf(a.campaign_id, a.variant_id) < keyOf(b.campaign_id, b.variant_id) ? -1 : 1));
    return { at: new Date(now).toISOString(), updates: { ...this.updates }, rows, total: numbersOf(total) };
  }

  private cellOf(campaignId: string | undefined, variantId: string | undefined): Cell {
    const key = keyOf(campaignId, variantId);
    let cell = this.cells.get(key);
    if (cell === undefined) {
      cell = newCell(campaignId, variantId);
      this.cells.set(key, cell);
    }
    return cell;
  }

  private mark(message: Message, mark: number): void {
    if ((message.marks & mark) !== 0) return;
    message.marks |= mark;
    add(message.cell, mark, 1);
  }

  private unmark(message: Message, mark: number): void {
    if ((message.marks & mark) === 0) return;
    message.marks &= ~mark;
    add(message.cell, mark, -1);
  }

  private moveTo(cell: Cell, message: Message): void {
    if (message.cell === cell) return;
    add(message.cell, message.marks, -1);
    add(cell, message.marks, 1);
    if (message.failedWith !== undefined) {
      message.cell.failures.set(message.failedWith, (message.cell.failures.get(message.failedWith) ?? 0) - 1);
      cell.failures.set(message.failedWith, (cell.failures.get(message.failedWith) ?? 0) + 1);
    }
    message.cell = cell;
  }

  /** Brings `accepted` and `attempted` in line with the other marks. */
  private weigh(message: Message): void {
    const { marks, failedWith } = message;
    const has = (mark: number) => (marks & mark) !== 0;
    const over = has(bit.sent | bit.failed);
    const waits = has(bit.held | bit.paused) && !over;
    const refused = has(bit.refused);
    const accepted = !waits && (message.taken || has(bit.sent) || (has(bit.failed) && !refused));
    const forThePerson = refused && failedWith !== undefined && recipientCodes.has(failedWith);
    if (accepted) this.mark(message, bit.accepted);
    if (accepted || (!waits && (forThePerson || isHeldBack(message)))) this.mark(message, bit.attempted);
  }

  private touch(person: Person): void {
    if (person.touched) return;
    person.touched = true;
    this.touched.push(person);
  }

  private credit(person: Person): void {
    const { delivered, happenings } = person;
    delivered.sort((a, b) => a.deliveredAt - b.deliveredAt || (a.sendId < b.sendId ? -1 : 1));
    const wanted = delivered.map((message) => message.settled);
    for (const { kind, at, context } of happenings) {
      let i = kind === 'reply' && context !== undefined ? delivered.indexOf(context) : lastBefore(delivered, at);
      if (i < 0) continue;
      const window = kind === 'conversion' ? conversionWindow : kind === 'reply' ? replyWindow : optOutWindow;
      if (at - (delivered[i] as Message).deliveredAt > window) i = -1;
      if (i >= 0)
        wanted[i] =
          (wanted[i] ?? 0) | (kind === 'conversion' ? bit.converted : kind === 'reply' ? bit.replied : bit.unsubscribed);
    }
    delivered.forEach((message, i) => {
      const now = wanted[i] ?? 0;
      for (const mark of [bit.replied, bit.unsubscribed, bit.converted]) {
        if ((now & mark) !== 0) this.mark(message, mark);
        else this.unmark(message, mark);
      }
    });
  }

  /** Lets go of what can no longer change: nothing is put on the wire more than 8 days late. */
  private settle(person: Person, now: number): void {
    this.credit(person);
    const settledBefore = now - 9 * day;
    const kept = person.happenings.filter((happening) => happening.at >= settledBefore);
    if (kept.length === person.happenings.length) return;
    person.happenings = person.happenings.filter((happening) => happening.at < settledBefore);
    this.credit(person);
    for (const message of person.delivered) message.settled = message.marks & credits;
    person.happenings = kept;
    this.credit(person);
    person.delivered = person.delivered.filter((message) => message.deliveredAt >= settledBefore - conversionWindow);
  }
}

function newCell(campaignId: string | undefined, variantId: string | undefined): Cell {
  return { campaignId, variantId, counts: counted.map(() => 0), failures: new Map() };
}

function keyOf(campaignId: string | null | undefined, variantId: string | null | undefined): string {
  return `${campaignId ?? ''}\n${variantId ?? ''}`;
}

function add(cell: Cell, marks: number, by: number): void {
  for (let i = 0; i < counted.length; i++) if ((marks & (1 << i)) !== 0) cell.counts[i] = (cell.counts[i] ?? 0) + by;
}

function numbersOf(cell: Cell): Record<Counted, number> & { failed_by_code: Record<string, number> } {
  const numbers = Object.fromEntries(counted.map((name, i) => [name, cell.counts[i] ?? 0])) as Record<Counted, number>;
  const failures = [...cell.failures].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  return { ...numbers, failed_by_code: Object.fromEntries(failures) };
}

function isHeldBack(message: Message): boolean {
  return (message.marks & (bit.held | bit.paused)) !== 0;
}

/** The place of the message delivered last at or before this instant; -1 when there is none. */
function lastBefore(delivered: readonly Message[], at: number): number {
  for (let i = delivered.length - 1; i >= 0; i--) if ((delivered[i] as Message).deliveredAt <= at) return i;
  return -1;
}
