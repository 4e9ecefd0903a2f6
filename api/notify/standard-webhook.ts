import { createHmac } from 'node:crypto';

/**
 * The headers of a webhook by the Standard Webhooks specification 1.0 (https://github.com/standard-webhooks/standard-webhooks): HMAC-SHA256
 * over `id.timestamp.body`, one signature for each secret, so that secrets can be changed without a gap.
 * @param at ms since 1970
 */
export function signedHeaders(id: string, at: number, body: string, secrets: readonly Uint8Array[]): Record<string, string> {
  const timestamp = Math.floor(at / 1000);
  const signatures = secrets.map((secret) => {
    const code = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${code}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

/** The bytes of a secret written `whsec_<base64>`; null when it is none, or not of 24 to 64 bytes. */
export function secretBytes(text: string): Uint8Array | null {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  const bytes = base64 === undefined ? null : Buffer.from(base64, 'base64');
  return bytes !== null && bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}
