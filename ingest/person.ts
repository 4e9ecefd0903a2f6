import { type Alias, looksLikeUser, phoneAlias, userAlias } from './alias.ts';
import type { Output } from './output.ts';
import { isObject, type JsonObject } from './read.ts';

/** The ways in which one update names a person. `parent` is the user id shared by linked portfolios. */
export interface Person {
  phone: Alias | null;
  user: Alias | null;
  parent: Alias | null;
}

/** A person from the values of keys: one meant for a phone number, and the user ids. The parent stands in for a missing user id. */
export function personOf(phone: unknown, user: unknown, parent: unknown): Person {
  const number = phoneAlias(phone);
  const misplaced = number === null && typeof phone === 'string' && looksLikeUser(phone) ? userAlias(phone) : null;
  const own = userAlias(user) ?? misplaced;
  const shared = userAlias(parent);
  return { phone: number, user: own ?? shared, parent: own === null ? null : shared };
}

interface Contact extends Person {
  linked: boolean;
}

/** The `contacts` that come with an update: they may know more of a person than the update itself says. */
export class Contacts {
  private readonly all: Contact[];
  private byAlias: Map<string, Contact> | null = null;

  constructor(contacts: unknown) {
    const list = Array.isArray(contacts) ? contacts.filter(isObject) : [];
    this.all = list.map((contact: JsonObject) => ({
      ...personOf(contact['wa_id'], contact['user_id'], contact['parent_user_id']),
      linked: false,
    }));
  }

  /**
   * The person with what a contact adds: the one with the same number or user id, or the only one if nothing contradicts it.
   * `index` is the item's place in its list: contacts mostly come in the same order.
   */
  complete(person: Person, index: number): Person {
    const beside = this.all[index];
    const contact = beside !== undefined && isSame(beside, person) ? beside : this.match(person);
    if (contact === null) return person;
    const whole = {
      phone: person.phone ?? contact.phone,
      user: person.user ?? contact.user,
      parent: person.parent ?? contact.parent,
    };
    if (whole.phone === contact.phone && whole.user === contact.user) contact.linked = true;
    return whole;
  }

  /** Links what the contacts say of people whom no update has named. */
  linkRest(out: Output, at: bigint): void {
    for (const contact of this.all) if (!contact.linked) linkPerson(out, contact, at);
  }

  private match({ phone, user }: Person): Contact | null {
    const [only] = this.all;
    if (only === undefined) return null;
    if (this.all.length === 1) {
      const differs = (a: Alias | null, b: Alias | null) => a !== null && b !== null && a.alias_id !== b.alias_id;
      return differs(phone, only.phone) || (phone === null && differs(user, only.user)) ? null : only;
    }
    this.byAlias ??= new Map(
      [...this.all]
        .reverse()
        .flatMap((contact) => [contact.user, contact.phone].map((alias) => [alias?.alias_id ?? '', contact] as const)),
    );
    return (phone && this.byAlias.get(phone.alias_id)) ?? (user && this.byAlias.get(user.alias_id)) ?? null;
  }
}

function isSame(one: Person, other: Person): boolean {
  return one.phone !== null && one.phone.alias_id === other.phone?.alias_id && (other.user === null || one.user === other.user);
}

/** Evidence that the ways in which a person is named belong together. */
export function linkPerson(out: Output, { phone, user, parent }: Person, at: bigint): void {
  if (user === null) return;
  if (phone !== null) out.link(phone, user, at, 'webhook');
  if (parent !== null) out.link(user, parent, at, 'webhook');
}
