import { z } from 'zod';

/** A number from outside. JSON has no infinite numbers, so they come as text: "Infinity", "-Infinity", "NaN". */
export const anyNumber = z.union([z.number(), z.enum(['Infinity', '-Infinity', 'NaN']).transform(Number)], 'is no number');

/** The same value with non-finite numbers as text, ready for JSON. */
export function jsonNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(jsonNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonNumbers(inner)]));
}
