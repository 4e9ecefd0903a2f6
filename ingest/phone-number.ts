/**
 * The one spelling of a phone number given as digits. The platform's `wa_id` may differ from the number that the sender wrote to:
 * Brazilian mobile numbers lose the ninth digit they have had since 2016, Mexican ones keep the 1 that was dropped in 2019.
 * Both become what is dialled today, so that a person is not two.
 */
export function dialledNumber(digits: string): string {
  if (digits.length === 12 && /^55[1-9][1-9][6-9]/.test(digits)) return `${digits.slice(0, 4)}9${digits.slice(4)}`;
  if (digits.length === 13 && digits.startsWith('521')) return `52${digits.slice(3)}`;
  return digits;
}
