import { isAscii, isUtf8 } from 'node:buffer';
import { decodeCommand } from './command-decode.ts';
import { decodeEvents } from './event-decode.ts';
import { parseExactJson, parseJson } from './json.ts';
import { type DecodeCounts, Output, type Problem } from './output.ts';
import type { LogRecord } from './record.ts';
import type { Decoded } from './staged.ts';
import { StatusEnvelopes } from './status-envelope.ts';
import { attempted, decodeStatuses, decodeWebhook } from './webhook.ts';

export type { DecodeCounts };

/**
 * Reads one record of the log and adds its rows to `into`. Pure: the same record gives the same rows, whenever and however often.
 * Never throws, whatever the bytes: what cannot be read is a row of `quarantine` with its bytes, its reason and its place.
 */
export function decodeRecord(record: LogRecord, into: Decoded): DecodeCounts {
  const out = new Output(record, into);
  const problem = attempted(() => decodeBody(out, record));
  if (problem !== null) {
    out.item = -1;
    out.quarantine(problem);
  }
  return out.counts;
}

/** Kept from record to record: what it knows holds for any. */
const envelopes = new StatusEnvelopes();

function decodeBody(out: Output, { body, kind }: LogRecord): Problem | null {
  const isPlain = isAscii(body);
  if (!isPlain && !isUtf8(body)) return { reason: 'utf8_invalid', detail: 'the body is not UTF-8' };
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(isPlain ? 'latin1' : 'utf8');
  const known = kind === 'webhook' && isPlain ? envelopes.open(text) : null;
  if (known !== null) {
    decodeStatuses(out, known.envelope, known.statuses);
    return null;
  }
  let value: unknown;
  try {
    value = kind === 'webhook' ? parseExactJson(text) : parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { reason: 'json_invalid', detail: error.message };
  }
  switch (kind) {
    case 'webhook':
      decodeWebhook(out, value);
      return null;
    case 'event':
      decodeEvents(out, value);
      return null;
    case 'command':
      decodeCommand(out, value);
      return null;
    default:
      return { reason: 'record_kind_unknown', detail: `no records of kind ${String(kind)} are known` };
  }
}
