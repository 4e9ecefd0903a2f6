import * as crypto from 'node:crypto';

const oneShot = typeof crypto.hash === 'function';

/** The first characters of the SHA-256 of a text in base64url; 16 of them hold 96 bits. */
export function sha256(text: string, characters = 16): string {
  const whole = oneShot ? crypto.hash('sha256', text, 'base64url') : crypto.createHash('sha256').update(text).digest('base64url');
  return whole.slice(0, characters);
}
