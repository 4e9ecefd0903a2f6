import type { Limits, ScopeLimit } from '../controller/limits.ts';
import type { PermitRequest, PersonFacts } from '../controller/permit.ts';
import { PermitBook } from '../controller/permit-book.ts';
import { type Policy, policySchema } from '../controller/policy.ts';
import type { Address } from '../controller/scope.ts';
import type { ControlBooks } from '../controller/snapshot.ts';

/** Parts of the permit book's world, for tests that set only what they are about. */
export const emptyBooks: ControlBooks = { seq: 0, latest: [], overrides: [], grants: [], returned: [] };

export const limitsOf = (parts: Partial<Limits> = {}): Limits => ({
  as_of: 0,
  complete_to: parts.as_of ?? 0,
  scopes: new Map(),
  ledgers: new Map(),
  used: new Map(),
  accounts: new Map(),
  ...parts,
});

export const scopeLimit = (parts: Partial<ScopeLimit> = {}): ScopeLimit => ({
  limit: null,
  unobserved: 0,
  per_second: null,
  state: 'open',
  reason: 'as set',
  until: null,
  shadow: false,
  ...parts,
});

/** A policy whose figures tests can count with, whatever the defaults are. */
export const policyWith = (parts: object = {}): Policy =>
  policySchema.parse({ window: { start: 250, campaign_start: 1000 }, pace: { number_per_second: 80 }, ...parts });

/** A book with ids `p1`, `p2` ... that goes by these limits from time 0 on. */
export function bookOf(
  options: { policy?: Policy; books?: Partial<ControlBooks>; limits?: Limits; first?: number } = {},
): PermitBook {
  let made = options.first ?? 0;
  const policy = options.policy ?? policyWith();
  const book = new PermitBook({
    policyOf: () => policy,
    books: { ...emptyBooks, ...options.books },
    newId: () => `p${++made}`,
  });
  book.setLimits(options.limits ?? limitsOf(), 0);
  return book;
}

export const addressOf = (parts: Partial<Address> = {}): Address => ({
  portfolio_id: null,
  waba_id: null,
  phone_number_id: 'n1',
  template_name: 't1',
  template_language: null,
  campaign_id: 'c1',
  variant_id: null,
  segment_id: null,
  ...parts,
});

let requests = 0;
/** A request with an id of its own unless told. */
export const requestOf = (parts: Partial<PermitRequest> = {}): PermitRequest => ({
  request_id: `r${++requests}`,
  address: addressOf(),
  category: 'marketing',
  count: parts.contacts == null ? 100 : null,
  contacts: null,
  lease_seconds: null,
  ...parts,
});

/** A person who may be written to. */
export const personOf = (person: string, parts: Partial<PersonFacts> = {}): PersonFacts => ({
  index: 0,
  person,
  country: 'FR',
  time_zone: null,
  consent: 'granted',
  suppressed: false,
  last_marketing_at: null,
  last_message_at: null,
  window_until: null,
  ...parts,
});

/** A list of people, with what is known of them. */
export function listOf(...people: PersonFacts[]): { contacts: NonNullable<PermitRequest['contacts']>; people: PersonFacts[] } {
  return {
    contacts: people.map(({ person }) => ({ contact_id: person, phone: null, user_id: null })),
    people: people.map((person, index) => ({ ...person, index })),
  };
}
