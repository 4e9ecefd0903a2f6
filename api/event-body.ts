import { SluiceError } from '../sql/errors.ts';

/** One event as it came: its text (kept as written, so that no digit of a number is lost) and its value, or null if unreadable. */
export interface EventText {
  text: string;
  value: unknown;
  readable: boolean;
}

/** @throws SluiceError `body_unreadable` for bytes that are not UTF-8. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new SluiceError('body_unreadable', { detail: 'the body is not UTF-8' });
  }
}

/**
 * The events of a JSON body: the elements of an array, or the one object.
 * @throws SluiceError `body_unreadable` when the body as a whole is not JSON of that form.
 */
export function jsonEvents(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return splitArray(trimmed);
  if (trimmed.startsWith('{')) return [trimmed];
  throw new SluiceError('body_unreadable', {
    detail: trimmed === '' ? 'the body is empty' : 'the body is neither a JSON array nor an object',
  });
}

/** The lines of an NDJSON body, blank ones left out. Their places are counted without the blank ones. */
export function ndjsonEvents(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** The texts of the elements of a JSON array. They still have to be parsed: only nesting and strings are looked at here. */
function splitArray(text: string): string[] {
  const broken = (what: string) => new SluiceError('body_unreadable', { detail: `the array ${what}` });
  const parts: string[] = [];
  let depth = 0;
  let start = 1;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
      if (depth === 0 && at !== text.length - 1) throw broken('ends before the body does');
      if (depth === 0) parts.push(text.slice(start, at).trim());
    } else if (code === 0x2c && depth === 1) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (depth !== 0 || inString || !text.endsWith(']')) throw broken('does not end');
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

/** Parses one event's text. */
export function readEvent(text: string): EventText {
  try {
    return { text, value: JSON.parse(text), readable: true };
  } catch {
    return { text, value: null, readable: false };
  }
}
