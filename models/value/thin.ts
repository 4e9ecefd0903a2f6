/** With up to so many groups a fit takes a fraction of a second, and needs no sample. */
const fewGroups = 10_000;

/**
 * Every so many-th of the groups of equal histories, in their order, so that those of all kinds are among them; null where there are few.
 * @returns a function that thins one column
 */
export function thinning(groups: number): ((column: ArrayLike<number>) => Float64Array) | null {
  const step = Math.floor(groups / fewGroups);
  if (step < 2) return null;
  return (column) => Float64Array.from({ length: Math.ceil(column.length / step) }, (_, at) => column[at * step] ?? 0);
}
