import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export type SignatureCheck = 'valid' | 'missing' | 'invalid';

/**
 * Makes the check of `X-Hub-Signature-256: sha256=<hex>`: HMAC-SHA256 of the raw request bytes with an app secret
 * (platform-facts §1). Several apps may subscribe to one account and each signs with its own secret, so any of them will do.
 * The comparison takes the same time wherever the signatures differ.
 */
export function signatureChecker(appSecrets: readonly string[]): (header: unknown, body: Uint8Array) => SignatureCheck {
  const keys: KeyObject[] = appSecrets.map((secret) => createSecretKey(Buffer.from(secret)));
  return (header, body) => {
    if (typeof header !== 'string' || header === '') return 'missing';
    if (header.length !== 71 || !header.startsWith('sha256=')) return 'invalid';
    const shown = Buffer.from(header.slice(7), 'hex');
    if (shown.length !== 32) return 'invalid';
    for (const key of keys) {
      if (timingSafeEqual(createHmac('sha256', key).update(body).digest(), shown)) return 'valid';
    }
    return 'invalid';
  };
}
