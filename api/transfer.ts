/**
 * The memory of the columns of numbers in a value, down its objects: handed over to another thread instead of copied, which for a million
 * customers would hold up the thread that posts them. Whoever posts them no longer has them. Bytes are left out: those may be a part of a
 * buffer that others use.
 */
export function columnMemory(value: unknown): ArrayBuffer[] {
  return [...new Set(buffersOf(value))];
}

function buffersOf(value: unknown): ArrayBuffer[] {
  if (value instanceof Int32Array || value instanceof Float64Array || value instanceof BigInt64Array) {
    return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(buffersOf);
}
