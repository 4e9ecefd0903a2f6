import { countryOfPhone, countryOfUser } from './country.ts';
import { sha256 } from './hash.ts';
import { dialledNumber } from './phone-number.ts';
import { text } from './read.ts';
import type { Staged } from './staged.ts';

export type AliasKind = 'contact' | 'phone' | 'user';
/** One way to name a person, with the surrogate that facts use for it. */
export type Alias = Readonly<Staged<'contact_alias'>>;

/**
 * The surrogate of a contact id, phone number or user id: one letter for its kind and 66 bits of the SHA-256 of kind and value.
 * The same in every warehouse; 12 characters, which DuckDB keeps inside the column. Phone numbers count by their digits alone,
 * in the spelling of `dialledNumber`.
 */
export function aliasId(kind: AliasKind, value: string): string {
  return kind[0] + sha256(`${kind}\0${kind === 'phone' ? dialledNumber(value.replace(/\D/g, '')) : value}`, 11);
}

/** Lately used aliases: a person's statuses come close together. Emptied when full, which bounds memory and costs one hash each. */
const cacheSize = 20_000;
const caches = { contact: new Map<string, Alias>(), phone: new Map<string, Alias>(), user: new Map<string, Alias>() };

/** The alias of a value that is in its normal form already. */
function aliasOf(kind: AliasKind, value: string): Alias {
  const cache = caches[kind];
  let alias = cache.get(value);
  if (alias === undefined) {
    if (cache.size >= cacheSize) cache.clear();
    const country = kind === 'phone' ? countryOfPhone(value) : kind === 'user' ? countryOfUser(value) : null;
    alias = { alias_id: aliasId(kind, value), kind, value, country };
    cache.set(value, alias);
  }
  return alias;
}

/** The sender's own id of a contact. */
export function contactAlias(value: string): Alias {
  return aliasOf('contact', value);
}

/** A phone number, written with or without "+", spaces, dots, dashes and brackets; null when it is none. */
export function phoneAlias(value: unknown): Alias | null {
  const given = text(value);
  if (given === null) return null;
  if (/^\d{5,20}$/.test(given)) return aliasOf('phone', dialledNumber(given));
  if (!/^\+?[\d\s().-]{5,40}$/.test(given)) return null;
  const digits = given.replace(/\D/g, '');
  return digits.length >= 5 && digits.length <= 20 ? aliasOf('phone', dialledNumber(digits)) : null;
}

/** A business-scoped user id, from a key that can hold nothing else; null when absent or a placeholder of a documentation page. */
export function userAlias(value: unknown): Alias | null {
  const given = text(value);
  return given !== null && /^[^\s<>[\]]{1,256}$/.test(given) ? aliasOf('user', given) : null;
}

/** Some senders put a user id where a phone number belongs: `US.1349…`, `user.9373…`. */
export function looksLikeUser(value: string): boolean {
  return /^(?:[A-Z]{2}\.|user\.)\w/.test(value);
}
