import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import { canonicalJson, fingerprint } from './json.ts';
import type { Output } from './output.ts';
import { Contacts } from './person.ts';
import { type JsonObject, objectOf, text } from './read.ts';

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
    /** The field as the change, its value or its entry names it; 'absent' if none does. */
    readonly field: string,
    readonly value: JsonObject,
    /** Where it stands in the body, for messages. */
    readonly where: string,
  ) {
    const metadata = objectOf(value['metadata']);
    this.wabaId = text(entry['id']);
    this.phoneNumberId = text(metadata['phone_number_id']) ?? text(value['phone_number_id']);
    this.displayPhone = text(metadata['display_phone_number']) ?? text(value['display_phone_number']);
    this.contacts = new Contacts(value['contacts']);
    this.entryTime = instantOf(entry['time']);
    this.place = fingerprint([this.wabaId, this.phoneNumberId]);
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
