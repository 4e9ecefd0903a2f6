import type { PermitAnswer, PermitRequest } from './permit.ts';

/** What the rules and rooms leave of a request. */
export interface Judged {
  /** People granted, in the order of the list; empty for counts. */
  people: readonly string[];
  denied: PermitAnswer['denied'];
  granted: number;
  /** Those who passed the rules for people, or the count. */
  asked: number;
  /** People whom it may add to the ledger. */
  anew: number;
  /** Whether the ledger kept somebody out. */
  ledgerBound: boolean;
}

/** One for all counts: they are many. */
const nobody: readonly never[] = [];

/** A count gets what the rooms have; in shadow, all of it. */
export function judgeCount({ count, category }: PermitRequest, room: number, ledgerRoom: number | null, shadow: boolean): Judged {
  const asked = count ?? 0;
  const granted = shadow ? asked : Math.min(asked, room, ledgerRoom ?? asked);
  const ledgerBound = ledgerRoom !== null && ledgerRoom < Math.min(asked, room);
  return { people: nobody, denied: nobody, granted, asked, anew: category === 'service' ? 0 : granted, ledgerBound };
}
