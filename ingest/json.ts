import { parse as parseLossless } from 'lossless-json';
import { isObject, type JsonObject } from './read.ts';

/**
 * JSON text to plain values. Text that no column could hold (half a surrogate pair, NUL) gets U+FFFD in its place.
 * Throws a SyntaxError for text that is not JSON.
 */
export function parseJson(source: string): unknown {
  const text = withoutMark(source);
  return mendedOf(text, JSON.parse(text));
}

/**
 * The same for what the platform sends: numbers of 16 digits and more become text, because a double would change them, and ids of
 * templates are such numbers.
 */
export function parseExactJson(source: string): unknown {
  const text = withoutMark(source);
  const value: unknown = JSON.parse(text);
  if (!longNumber.test(text)) return mendedOf(text, value);
  return mendedOf(text, parseLossless(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue }));
}

/** What `parseExactJson` gives for text that needs no care: undefined when it is not JSON, has long numbers, or escapes to be mended. */
export function parsePlainJson(source: string): unknown {
  if (source.includes('\\u') || longNumber.test(source)) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function withoutMark(source: string): string {
  return source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
}

function mendedOf(text: string, value: unknown): unknown {
  return brokenText.test(text) ? mended(value) : value;
}

const longNumber = /[:,[\s]-?\d[\d.]{15}/;
const brokenText = /\\u(?:0000|d[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2}\\u)d[c-f])/i;

function parseNumber(text: string): unknown {
  return text.replace(/[eE].*|\D/g, '').length >= 16 ? text : Number(text);
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(mended);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [wellFormed(key), mended(item)]));
}

/** The text with U+FFFD for what no column can hold: half a surrogate pair, NUL. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString().replaceAll('\0', '\ufffd');
}

/** One JSON text for equal values: keys in order of their code units, no white space. For payloads that are kept. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value)) ?? 'null';
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  return Object.fromEntries(sortedKeys(value).map((key) => [key, inOrder(value[key])]));
}

/**
 * One text for equal JSON values, whatever the order of their keys, and different texts for different values. For hashes: texts
 * carry their length instead of quotes, so that nothing needs escaping.
 */
export function fingerprint(value: unknown): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (typeof value !== 'object' || value === null) return `${value};`;
  if (Array.isArray(value)) {
    let text = `${value.length}[`;
    for (let i = 0; i < value.length; i++) text += fingerprint(value[i]);
    return text;
  }
  const keys = sortedKeys(value as JsonObject);
  let text = `${keys.length}{`;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    text += `${key.length}"${key}${fingerprint((value as JsonObject)[key])}`;
  }
  return text;
}

/** Insertion sort: objects of webhooks have few keys and mostly come in one of a few orders. */
function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value);
  if (keys.length > 24) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let j = i;
    for (; j > 0 && (keys[j - 1] as string) > key; j--) keys[j] = keys[j - 1] as string;
    keys[j] = key;
  }
  return keys;
}
