import { digitsOf, type Forgotten, feedbackGraceMs } from './forgotten.ts';
import { parseExactJson } from './json.ts';
import { isObject, type JsonObject, objectOf } from './read.ts';
import type { LogRecord } from './record.ts';
import { redact } from './redact.ts';

/**
 * The record with everyone who is forgotten replaced by a stand-in of the same country, and without what they wrote; the record itself
 * when it names nobody of them. Pure, and doing it twice is doing it once. Decode makes the same counts of both, because a stand-in is
 * as much one person as the name was.
 */
export function forgetIn(record: LogRecord, forgotten: Forgotten): LogRecord {
  if (forgotten.isEmpty) return record;
  const source = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength).toString();
  const names = new Names(forgotten, relevantTime(record, source));
  if (!names.occurIn(source)) return record;
  let value: unknown;
  try {
    value = parseExactJson(source);
  } catch {
    return { ...record, body: Buffer.from(names.inText(source)) };
  }
  return { ...record, body: Buffer.from(JSON.stringify(new Walk(names, record.kind !== 'command').value(value, ''))) };
}

/** The parts of a record that name somebody: what `forgetIn` would redact. Also for people who are not to be forgotten. */
export function mentionsIn(record: LogRecord, people: Forgotten): JsonObject[] {
  const source = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength).toString();
  const names = new Names(people, relevantTime(record, source));
  if (!names.occurIn(source)) return [];
  const found: JsonObject[] = [];
  try {
    new Walk(names, true, found).value(parseExactJson(source), '');
  } catch {
    found.push({ unreadable: source });
  }
  return found;
}

/** Late statuses speak of what was sent before: they are judged as if they had come earlier. */
function relevantTime({ kind, receivedAt }: LogRecord, source: string): number {
  const received = Number(receivedAt / 1000n);
  return kind === 'webhook' && source.includes('"statuses"') && !source.includes('"messages":')
    ? received - feedbackGraceMs
    : received;
}

/** Stand-ins for the names in texts, as of one time. */
class Names {
  constructor(
    private readonly forgotten: Forgotten,
    private readonly at: number,
  ) {}

  /** Whether the text may name somebody: reads it without parsing. */
  occurIn(source: string): boolean {
    for (const [digits] of source.matchAll(/\d{5,20}/g)) if (this.phone(digits) !== null) return true;
    for (const [, id = ''] of source.matchAll(/wamid\.([\w+/=-]+)/g)) if (this.messageId(id) !== null) return true;
    for (const [, key = '', id = ''] of source.matchAll(
      /"(contact_id|(?:\w+_)?user_id|from|wa_id|recipient_id)"\s*:\s*"([^"\\]+)"/g,
    )) {
      if ((key === 'contact_id' ? this.contact(id) : this.user(id)) !== null) return true;
    }
    for (const [, alias = ''] of source.matchAll(/"([cpu][\w-]{11})"/g)) if (this.alias(alias) !== null) return true;
    return false;
  }

  contact(value: string): string | null {
    return this.forgotten.standIn('contact', value, this.at);
  }

  alias(value: string): string | null {
    return this.forgotten.aliasInstead(value, this.at);
  }

  /** Of a text that is one name as a whole: by its key, or whatever reads like a user id or an alias. */
  whole(value: string, key: string): string | null {
    if (key === 'contact_id') return this.contact(value);
    if (/user_id$/.test(key) || /^(?:[A-Z]{2}\.|user\.)\w/.test(value)) return this.user(value);
    return /^[cpu][\w-]{11}$/.test(value) ? this.alias(value) : null;
  }

  /** The text with stand-ins for the numbers in it, however they are written. */
  inText(value: string): string {
    return value
      .replace(/wamid\.([\w+/=-]+)/g, (whole, id: string) => this.messageId(id) ?? whole)
      .replace(/\d(?:[\s().-]{0,2}\d){4,19}/g, (whole) => this.phone(whole.replace(/\D/g, '')) ?? whole)
      .replace(/\d{5,20}/g, (whole) => this.phone(whole) ?? whole);
  }

  private phone(digits: string): string | null {
    return this.forgotten.standIn('phone', digits, this.at);
  }

  private user(value: string): string | null {
    return this.forgotten.standIn('user', value, this.at);
  }

  /** The platform's message ids hold the number of the person in base64; another of the same length takes its place. */
  private messageId(id: string): string | null {
    const bytes = Buffer.from(id, 'base64').toString('latin1');
    const replaced = bytes.replace(/\d{5,20}/g, (digits) => {
      const other = this.phone(digits);
      return other === null ? digits : digitsOf(other, digits.length);
    });
    return replaced === bytes ? null : `wamid.${Buffer.from(replaced, 'latin1').toString('base64')}`;
  }
}

/** Goes through a JSON value; an object of which a text names somebody is about that person, and loses what they wrote. */
class Walk {
  constructor(
    private readonly names: Names,
    private readonly redacts: boolean,
    private readonly found: JsonObject[] = [],
  ) {}

  value(value: unknown, key: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.value(item, key));
    if (isObject(value)) return this.object(value);
    if (typeof value === 'number' && Number.isInteger(value)) {
      const other = this.names.inText(String(value));
      return other === String(value) ? value : other;
    }
    return typeof value === 'string' ? (this.names.whole(value, key) ?? this.names.inText(value)) : value;
  }

  private object(object: JsonObject): JsonObject {
    const entries = Object.entries(object).map(([key, item]) => [key, item, this.value(item, key)] as const);
    const walked = Object.fromEntries(entries.map(([key, , item]) => [key, item]));
    const isNamed = entries.some(([, before, after]) => typeof after !== 'object' && after !== before);
    if (isNamed) this.found.push(object);
    return isNamed && this.redacts ? objectOf(redact(walked)) : walked;
  }
}
