import type { Positions } from '../../ingest/record.ts';
import type { WarehouseStatus } from '../warehouse.ts';

/** Per partition how far the warehouse has come, in order of their names. */
export function lagByPartition(reached: Positions, end: Positions): WarehouseStatus['positions'] {
  return [...new Set([...end.keys(), ...reached.keys()])].sort().map((partition) => {
    const applied = reached.get(partition) ?? 0n;
    const last = end.get(partition) ?? applied;
    return { partition, applied: String(applied), end: String(last), lag: String(last - applied) };
  });
}
