import type { Alias } from './alias.ts';
import { monthOf } from './instant.ts';
import { wellFormed } from './json.ts';
import type { LogRecord } from './record.ts';
import type { Decoded, Staged } from './staged.ts';

/** What was seen while decoding: updates of webhooks, first-party events, commands, and where the odd ones went. */
export interface DecodeCounts {
  updates: number;
  events: number;
  commands: number;
  unmodelled: number;
  quarantined: number;
}

/** Why an item could not be read: a stable code, and a sentence that says what and where. A value, not an exception. */
export interface Problem {
  reason:
    | 'utf8_invalid'
    | 'json_invalid'
    | 'too_deep'
    | 'record_kind_unknown'
    | 'envelope_invalid'
    | 'item_invalid'
    | 'id_missing'
    | 'time_invalid'
    | 'event_invalid'
    | 'command_invalid'
    | 'decode_failed';
  detail: string;
}

/** Where the rows of one record go. */
export class Output {
  readonly counts: DecodeCounts = { updates: 0, events: 0, commands: 0, unmodelled: 0, quarantined: 0 };
  /** Which update or event of the record is being read, from 0; -1 is the record as a whole. */
  item = -1;
  private readonly named: Set<string>;

  constructor(
    readonly record: LogRecord,
    readonly into: Decoded,
  ) {
    this.named = namedIn(into);
  }

  /** The alias as facts write it; its row goes along once a batch. */
  id(alias: Alias): string;
  id(alias: Alias | null): string | null;
  id(alias: Alias | null): string | null {
    if (alias === null) return null;
    if (!this.named.has(alias.alias_id)) {
      this.named.add(alias.alias_id);
      this.into.contact_alias.push(alias);
    }
    return alias.alias_id;
  }

  /** Evidence that two aliases are one person. */
  link(one: Alias, other: Alias, at: bigint, source: Staged<'contact_link'>['source']): void {
    if (one.alias_id === other.alias_id) return;
    const [a, b] = one.alias_id < other.alias_id ? [one, other] : [other, one];
    this.into.contact_link.push({
      alias_a: this.id(a),
      alias_b: this.id(b),
      occurred_at: at,
      source,
      link_month: monthOf(at),
    });
  }

  /** Sets an item aside: `body` is JSON that decodes again, as a record of this kind, to this item alone. */
  quarantine(problem: Problem, body?: unknown): void {
    this.counts.quarantined++;
    const whole = body === undefined ? null : jsonBytes(body);
    this.into.quarantine.push({
      log_partition: this.record.partition,
      log_offset: this.record.offset,
      item: whole === null ? -1 : this.item,
      record_kind: this.record.kind,
      received_at: this.record.receivedAt,
      reason: problem.reason,
      detail: wellFormed(problem.detail.slice(0, 400)),
      body: whole ?? this.record.body,
    });
  }
}

/** Null for what is nested too deep to be written. */
function jsonBytes(value: unknown): Uint8Array | null {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch {
    return null;
  }
}

/** The aliases that a batch has rows for. Kept beside the batch while only decode adds to it, else made anew. */
function namedIn(into: Decoded): Set<string> {
  const rows = into.contact_alias;
  let named = namedOf.get(rows);
  if (named === undefined || named.size !== rows.length) {
    named = new Set(rows.map((row) => row.alias_id));
    namedOf.set(rows, named);
  }
  return named;
}
const namedOf = new WeakMap<Decoded['contact_alias'], Set<string>>();
