import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import { canonicalJson, fingerprint } from './json.ts';
import type { Output } from './output.ts';
import { Contacts } from './person.ts';
import { type JsonObject, objectOf, text } from './read.ts';

/** What the items of a change share, as far as it follows from what stands around them. */
export interface Surroundings {
  wabaId: string | null;
  phoneNumberId: string | null;
  displayPhone: string | null;
  /** The time of the entry; only updates that are not messages have one. */
  entryTime: bigint | null;
  /** WABA and number as one text, for hashes. */
  place: string;
}

export function surroundingsOf(entry: JsonObject, value: JsonObject): Surroundings {
  const metadata = objectOf(value['metadata']);
  const wabaId = text(entry['id']);
  const phoneNumberId = text(metadata['phone_number_id']) ?? text(value['phone_number_id']);
  return {
    wabaId,
    phoneNumberId,
    displayPhone: text(metadata['display_phone_number']) ?? text(value['display_phone_number']),
    entryTime: instantOf(entry['time']),
    place: fingerprint([wabaId, phoneNumberId]),
  };
}

/** The field of a change as the change, its value or its entry names it; 'absent' if none does. */
export function fieldOf(entry: JsonObject, change: JsonObject, value: JsonObject): string {
  return text(change['field']) ?? text(value['field']) ?? text(entry['field']) ?? 'absent';
}

/** One `entry[].changes[]` of a webhook, with what its items share. */
export class Change {
  readonly wabaId: string | null;
  readonly phoneNumberId: string | null;
  readonly displayPhone: string | null;
  readonly contacts: Contacts;
  /** The time of the entry; only updates that are not messages have one. */
  readonly entryTime: bigint | null;
  /** The earliest time of an item so far. */
  firstTime: bigint | null = null;
  private whole: string | null = null;
  private readonly place: string;

  constructor(
    readonly out: Output,
    readonly entry: JsonObject,
    /** See fieldOf. */
    readonly field: string,
    readonly value: JsonObject,
    /** Where it stands in the body, for messages. */
    readonly where: string,
    around = surroundingsOf(entry, value),
  ) {
    this.wabaId = around.wabaId;
    this.phoneNumberId = around.phoneNumberId;
    this.displayPhone = around.displayPhone;
    this.contacts = new Contacts(value['contacts']);
    this.entryTime = around.entryTime;
    this.place = around.place;
  }

  /** An item's time was read: people named in the change were so named by then. */
  seen(at: bigint | null): void {
    if (at !== null && (this.firstTime === null || at < this.firstTime)) this.firstTime = at;
  }

  /** The same for every copy of this item, whoever delivers it. */
  contentHash(item: JsonObject): string {
    return sha256(`${this.place}${fingerprint(item)}`);
  }

  /** The hash of an update without an id of its own: (entry id, field, value, entry time), and which part of it. */
  updateHash(part = ''): string {
    this.whole ??= fingerprint([this.wabaId, this.field, this.value, text(this.entry['time'])]);
    return sha256(this.whole + part);
  }

  /** The change with nothing in its value but one item of one list. Contacts stay out: facts hold no names and numbers. */
  narrowed(key: string, item: unknown): JsonObject {
    const { messaging_product, metadata } = this.value;
    return { field: this.field, value: { ...(this.isSmall ? { messaging_product, metadata } : {}), [key]: [item] } };
  }

  /** A webhook body with one item of one list, which decodes to this item alone. */
  envelope(key: string, item: unknown): JsonObject {
    const { id, time } = this.entry;
    const { contacts } = this.value;
    const { field, value } = this.narrowed(key, item);
    const shared = this.isSmall ? { contacts } : {};
    const change = { field, value: { ...shared, ...objectOf(value) } };
    return { object: 'whatsapp_business_account', entry: [{ id, time, changes: [change] }] };
  }

  /** What all items share goes along only when small: a thousand bad items must not make a thousand copies of much. */
  private get isSmall(): boolean {
    const { metadata, contacts } = this.value;
    this.small ??= canonicalJson({ metadata, contacts }).length <= 4096;
    return this.small;
  }
  private small: boolean | null = null;
}
