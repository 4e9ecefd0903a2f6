/**
 * A time-ordered id, as a send has: its first 48 bits are the instant.
 * @param ms since 1970
 * @param group ids of one instant and number that must not meet are of different ones
 */
export function timeOrderedId(ms: number | bigint, n: number, group: '8000' | '9000' = '8000'): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-${group}-${n.toString(16).padStart(12, '0')}`;
}
