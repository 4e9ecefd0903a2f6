import type { Override } from '../controller/evidence.ts';

/** The overrides that were neither lifted nor replaced, in memory; the log is their truth. */
export class OverrideBook {
  private readonly overrides = new Map<string, Override>();
  private readonly removed = new Set<string>();

  /** What a restart finds. What was set or lifted since it asked stands. */
  load(overrides: readonly Override[]): void {
    const since = [...this.overrides.values()];
    this.overrides.clear();
    for (const override of [...overrides, ...since]) {
      if (!this.removed.has(override.override_id)) this.overrides.set(override.override_id, override);
    }
  }

  /** Adds one and tells which it replaces: a scope is stopped or resumed by one, limited by one, held by one. */
  add(override: Override): Override[] {
    const replaced = [...this.overrides.values()].filter(
      (old) => old.scope === override.scope && family(old) === family(override) && old.override_id !== override.override_id,
    );
    this.overrides.set(override.override_id, override);
    return replaced;
  }

  remove(overrideId: string): void {
    this.overrides.delete(overrideId);
    this.removed.add(overrideId);
  }

  /** Those that have not ended at a time (ms since 1970), oldest first. */
  inForce(at: number): Override[] {
    return [...this.overrides.values()].filter(({ until }) => until === null || until > at).sort((a, b) => a.at - b.at);
  }
}

const family = ({ action }: Override) => (action === 'resume' ? 'pause' : action);
