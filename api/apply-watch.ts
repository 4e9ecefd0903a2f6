import type { WarehouseStatus } from './warehouse.ts';

/** How long the loop may take for one round, and how long work may wait without any of it being applied, ms. */
const patienceMs = { round: 60_000, progress: 30_000 };

/** Tells a loop that is behind from one that does not move although there is work: the second will not mend itself by waiting. */
export class ApplyWatch {
  private applied = '';
  private waited = false;
  /** When the newest progress was seen, or work was first seen waiting. */
  private movedAt = Number.NEGATIVE_INFINITY;

  /** Whether the loop moves, as far as this look and those before can tell. @param at ms of a steady clock */
  moves({ positions, apply }: Pick<WarehouseStatus, 'positions' | 'apply'>, at: number): boolean {
    const applied = positions.map((position) => position.applied).join(' ');
    const waiting = positions.some(({ lag }) => lag !== '0');
    const stands = waiting && this.waited && !apply.paused && applied === this.applied;
    if (!stands) this.movedAt = at;
    this.applied = applied;
    this.waited = waiting;
    if (apply.gap !== null) return false;
    return apply.paused || (apply.idle_ms < patienceMs.round && at - this.movedAt < patienceMs.progress);
  }
}
