import { type DecodeCounts, decodeRecord } from '../ingest/decode.ts';
import type { LogRecord, RecordKind } from '../ingest/record.ts';
import { type Decoded, emptyDecoded } from '../ingest/staged.ts';

/** A record of the log with this body: bytes, text, or a value to be written as JSON. */
export function recordOf(body: unknown, kind: RecordKind = 'webhook', offset = 0n): LogRecord {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { partition: 'log', offset, kind, receivedAt: 1_763_719_200_000_000n, body: bytes };
}

/** What one record decodes to. */
export function decoded(body: unknown, kind: RecordKind = 'webhook'): Decoded & { counts: DecodeCounts } {
  const into = emptyDecoded();
  const counts = decodeRecord(recordOf(body, kind), into);
  return { ...into, counts };
}

/** A webhook body with one change. */
export function changeOf(value: unknown, field = 'messages', entry: object = {}): object {
  return { object: 'whatsapp_business_account', entry: [{ id: 'waba', ...entry, changes: [{ field, value }] }] };
}

/** A change of field `messages` with the number that all have in common. */
export function messagesChange(lists: object): object {
  return changeOf({
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '+1 650 555 0000', phone_number_id: 'pn' },
    ...lists,
  });
}

/** A status of 2025-06-15T23:27:53Z about a person in Germany. */
export const status = { id: 'wamid.s', status: 'delivered', timestamp: '1750030073', recipient_id: '4915112345678' };
/** A text message of the same second and person. */
export const message = { from: '4915112345678', id: 'wamid.m', timestamp: '1750030073', type: 'text', text: { body: 'Hello' } };
/** That second, in microseconds. */
export const second = 1_750_030_073_000_000n;
