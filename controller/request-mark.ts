import { type Begun, begun, fingerprint } from './fingerprint.ts';
import type { PermitRequest } from './permit.ts';
import type { Address } from './scope.ts';

const nothing = '\u0000';

/** One text for one address. */
export function placeKey(address: Address): string {
  const { portfolio_id, waba_id, phone_number_id, template_name, template_language, campaign_id, variant_id, segment_id } =
    address;
  const market = address.market == null ? '' : `\n${address.market}`;
  return `${phone_number_id ?? nothing}\n${template_name ?? nothing}\n${campaign_id ?? nothing}\n${segment_id ?? nothing}\n${variant_id ?? nothing}\n${template_language ?? nothing}\n${waba_id ?? nothing}\n${portfolio_id ?? nothing}${market}`;
}

/** The mark of an address, with which the marks of its requests begin. */
export function placeMark(key: string): Begun {
  return begun(`${key}\n`);
}

/** Tells whether two requests ask for the same. `place` is the mark of its address, where that is at hand. */
export function markOf(
  { address, category, count, contacts, lease_seconds }: PermitRequest,
  place: Begun = placeMark(placeKey(address)),
): string {
  const what = contacts === null ? count : JSON.stringify(contacts);
  return fingerprint(`${category}\n${lease_seconds}\n${what}`, place);
}
