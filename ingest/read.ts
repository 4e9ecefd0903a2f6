/** A JSON object whose keys are not known. */
export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one: for keys that may be absent. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : nothing;
}
const nothing: JsonObject = Object.freeze({});

/** Text of an id or name whatever its JSON type; null when absent, empty or not a scalar. */
export function text(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

/** A whole number that fits an INTEGER column, also when written as text; else null. */
export function int32(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : null;
}

/** A boolean, also when written as text; null for anything else, placeholders among it. */
export function flag(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

/** What a value is, for messages to people. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
