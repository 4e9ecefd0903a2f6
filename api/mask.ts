import { mayDo, type Role } from './roles.ts';

/** The text for this role: whoever may not see people gets phone numbers, and ids as long as one, with their middle hidden. */
export function maskedFor(role: Role | null, text: string): string {
  return role !== null && mayDo(role, 'seePeople') ? text : masked(text);
}

/** `4915112345678` becomes `49•••••••••78`: enough to tell two apart, too little to call. */
function masked(text: string): string {
  return text.replace(/(?!\d{4}-\d\d-\d\d)\d(?:[\s().-]{0,2}\d){6,19}/g, (number) => {
    const digits = number.replace(/\D/g, '');
    return `${digits.slice(0, 2)}${'•'.repeat(digits.length - 4)}${digits.slice(-2)}`;
  });
}
