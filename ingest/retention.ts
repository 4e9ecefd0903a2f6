import { parseExactJson } from './json.ts';
import { isObject } from './read.ts';
import type { LogRecord } from './record.ts';
import { redact } from './redact.ts';

/** What is taken away from a record by policy: `texts` are what people wrote and are called, `profiles` what you told of contacts. */
export interface Stripping {
  texts: boolean;
  profiles: boolean;
}

/**
 * The record without texts or profiles; the record itself when it has none. Who, when and what happened stays, so that decode makes
 * the same facts of it; what could not be read at all loses its bytes.
 */
export function strip(record: LogRecord, { texts, profiles }: Stripping): LogRecord {
  const source = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength).toString();
  if (record.kind === 'command' || source === '') return record;
  let value: unknown;
  try {
    value = parseExactJson(source);
  } catch {
    return texts ? { ...record, body: new Uint8Array() } : record;
  }
  const stripped = record.kind === 'event' ? eachEvent(value, { texts, profiles }) : texts ? webhook(value) : value;
  // only what was taken away makes another record: numbers and spaces may be written in more than one way
  return JSON.stringify(stripped) === JSON.stringify(value) ? record : { ...record, body: Buffer.from(JSON.stringify(stripped)) };
}

function eachEvent(value: unknown, { texts, profiles }: Stripping): unknown {
  const one = (event: unknown) => {
    const isProfile = isObject(event) && event['type'] === 'contact.upserted';
    return (isProfile ? profiles : texts) ? redact(event) : event;
  };
  return Array.isArray(value) ? value.map(one) : one(value);
}

/** Lists of a webhook's value that are about people; everything else is about accounts and templates and stays as it is. */
const aboutPeople = new Set(
  'contacts messages message_echoes statuses user_preferences user_actions automatic_events history state_sync calls'.split(' '),
);

function webhook(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['entry'])) return value;
  return { ...value, entry: value['entry'].map(entry) };
}

function entry(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['changes'])) return value;
  return { ...value, changes: value['changes'].map(change) };
}

function change(value: unknown): unknown {
  const inner = isObject(value) ? value['value'] : undefined;
  if (!isObject(value) || !isObject(inner)) return value;
  const parts = Object.entries(inner).map(
    ([key, part]) => [key, aboutPeople.has(key) ? redact({ [key]: part }) : { [key]: part }] as const,
  );
  return { ...value, value: Object.assign({}, ...parts.map(([, part]) => part)) as unknown };
}
