import { fieldOf, type Surroundings, surroundingsOf } from './change.ts';
import { parsePlainJson } from './json.ts';
import { isObject, type JsonObject, objectOf } from './read.ts';

/** What stands around the statuses of a webhook: one entry with one change, and nothing in its value that is an update but the statuses. */
export interface StatusEnvelope {
  entry: JsonObject;
  field: string;
  value: JsonObject;
  around: Surroundings;
}

/** An envelope with its text, up to the bracket that opens the statuses and from the one that closes them. */
interface Known extends StatusEnvelope {
  before: string;
  after: string;
}

const opening = '"statuses":[';
/** Longer beginnings are not kept, nor more of them. */
const longest = 1024;
const most = 500;
/** Keys of a value that are no updates. People named beside the statuses differ from post to post. */
const plainKeys = new Set(['messaging_product', 'metadata', 'statuses', 'field', 'object']);

/**
 * The webhooks of one phone number mostly differ in their statuses alone, and half of a post with one status is what stands around it.
 * So that is read once and known by its text from then on.
 *
 * It gives what reading the whole gives: `before` + `1` + `after` was parsed, and the statuses were [1]; so with any other list between
 * the brackets it is JSON just if the list is, and says the same but for the statuses.
 */
export class StatusEnvelopes {
  /** By the text before the statuses. */
  private readonly known = new Map<string, Known | 'seen' | 'other'>();
  private newest: Known | undefined;

  /** The envelope and the statuses of a webhook whose text is ASCII; null when it has to be read as a whole. */
  open(text: string): { envelope: StatusEnvelope; statuses: unknown[] } | null {
    const envelope = this.find(text);
    if (envelope === null) return null;
    const statuses = parsePlainJson(text.slice(envelope.before.length - 1, text.length - envelope.after.length + 1));
    return Array.isArray(statuses) && statuses.length > 0 ? { envelope, statuses } : null;
  }

  private find(text: string): Known | null {
    const { newest } = this;
    if (newest !== undefined && isAround(text, newest)) return newest;
    const end = text.indexOf(opening) + opening.length;
    if (end < opening.length || end > longest) return null;
    const before = text.slice(0, end);
    const known = this.known.get(before);
    if (known === undefined || known === 'seen') {
      if (this.known.size >= most) this.known.clear();
      // a part of a text would keep the whole of it in memory
      this.known.set(Buffer.from(before).toString(), known === undefined ? 'seen' : (readEnvelope(text, before) ?? 'other'));
      return null;
    }
    if (known === 'other' || !isAround(text, known)) return null;
    this.newest = known;
    return known;
  }
}

/** A sixth of the time of startsWith and endsWith (measured on Node 20). */
function isAround(text: string, { before, after }: Known): boolean {
  return (
    text.length >= before.length + after.length &&
    text.slice(0, before.length) === before &&
    text.slice(text.length - after.length) === after
  );
}

/** Tries each bracket from the end as the one that closes the statuses. */
function readEnvelope(text: string, before: string): Known | null {
  for (let close = text.lastIndexOf(']'); close >= before.length; close = text.lastIndexOf(']', close - 1)) {
    const after = text.slice(close);
    if (after.length > longest) return null;
    const envelope = envelopeOf(parsePlainJson(`${before}1${after}`));
    if (envelope !== null) return { ...envelope, before: Buffer.from(before).toString(), after: Buffer.from(after).toString() };
  }
  return null;
}

function envelopeOf(body: unknown): StatusEnvelope | null {
  const entry = onlyOf(objectOf(body)['entry']);
  const source = onlyOf(objectOf(entry)['changes']);
  const value = objectOf(source)['value'];
  if (!isObject(entry) || !isObject(source) || !isObject(value)) return null;
  const { statuses } = value;
  const isPlain = onlyOf(statuses) === 1 && Object.keys(value).every((key) => plainKeys.has(key));
  return isPlain ? { entry, field: fieldOf(entry, source, value), value, around: surroundingsOf(entry, value) } : null;
}

/** The item of a list of one. */
function onlyOf(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined;
}
