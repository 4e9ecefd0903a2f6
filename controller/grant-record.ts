import type { Grant, PermitAnswer } from './permit.ts';
import type { Address } from './scope.ts';

/** A grant as the log keeps it, and of its answer what the grant does not say itself: there are many, and each byte is written four times. */
export interface GrantRecord
  extends Pick<Grant, 'permit_id' | 'request_id' | 'category' | 'granted' | 'at' | 'expires_at' | 'shadow'> {
  /** Without the parts that nobody named. */
  address: Partial<Address>;
  /** Absent when it names nobody. */
  people?: readonly string[];
  answer: AnswerRecord;
}

export interface AnswerRecord extends Pick<PermitAnswer, 'scope' | 'state' | 'reason' | 'asked'> {
  /** Absent when nobody was denied. */
  denied?: PermitAnswer['denied'];
  /** Absent when it is null. */
  retry_after_ms?: number;
}

export function grantRecord(grant: Grant): GrantRecord {
  const { permit_id, request_id, category, granted, people, at, expires_at, shadow } = grant;
  const { scope, state, reason, asked, denied, retry_after_ms } = grant.answer;
  const answer: AnswerRecord = { scope, state, reason, asked };
  if (denied.length > 0) answer.denied = denied;
  if (retry_after_ms !== null) answer.retry_after_ms = retry_after_ms;
  const address = named(grant.address);
  const record: GrantRecord = { permit_id, request_id, address, category, granted, at, expires_at, shadow, answer };
  if (people.length > 0) record.people = people;
  return record;
}

/** The answer of a grant from its record: also from the older form, which said everything. */
export function answerOf(
  { permit_id, granted, expires_at }: Pick<Grant, 'permit_id' | 'granted' | 'expires_at'>,
  kept: AnswerRecord,
): PermitAnswer {
  return { permit_id, granted, expires_at, denied: [], retry_after_ms: null, ...kept };
}

/** Addresses are shared by many grants. */
const shortened = new WeakMap<Address, Partial<Address>>();

function named(address: Address): Partial<Address> {
  const known = shortened.get(address);
  if (known !== undefined) return known;
  const parts: Partial<Address> = Object.fromEntries(Object.entries(address).filter(([, value]) => value !== null));
  shortened.set(address, parts);
  return parts;
}
