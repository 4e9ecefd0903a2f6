/** Values that have an order of their own, in it. */
const known = [
  'lead',
  'new',
  'active',
  'repeat',
  'dormant',
  'high',
  'middle',
  'low',
  '7d',
  '30d',
  '90d',
  'older',
  'never',
  'granted',
  'withdrawn',
  'none',
];

/** Whether a dimension's values have an order of their own, so that they are not listed by size. */
export function isOrdered(dimension: string): boolean {
  return /^(age|spent|hour|weekday|hour_of_week|nth_\w+|cohort|months_since|frequency_\w+|value_band|interaction|stage|stage_before|consent)$/.test(
    dimension,
  );
}

/** Compares two values of a dimension: by their own order, by number where both are numbers (or "10+"), else by the alphabet. */
export function compareMembers(a: string, b: string): number {
  const [ranked, other] = [known.indexOf(a), known.indexOf(b)];
  if (ranked >= 0 && other >= 0) return ranked - other;
  const numeric = Number.parseFloat(a) - Number.parseFloat(b);
  if (!Number.isNaN(numeric) && numeric !== 0) return numeric;
  return a < b ? -1 : a > b ? 1 : 0;
}
