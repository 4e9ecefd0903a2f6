import type { Decoded, Staged } from './staged.ts';

/**
 * Remembers which aliases and links are in the warehouse for certain, so that the same person met a million times costs one
 * look-up. Forgetting is harmless: apply then finds the row in the table.
 */
export class KnownAliases {
  private aliases = new Set<string>();
  private links = new Map<string, bigint>();

  constructor(private readonly capacity: number = 500_000) {}

  /** The batch without the aliases and links that cannot change anything. */
  without(decoded: Decoded): Decoded {
    const aliases = new Map<string, Staged<'contact_alias'>>();
    for (const row of decoded.contact_alias) if (!this.aliases.has(row.alias_id)) aliases.set(row.alias_id, row);
    const links = new Map<string, Staged<'contact_link'>>();
    for (const row of decoded.contact_link) {
      const key = linkKey(row);
      const first = links.get(key)?.occurred_at ?? this.links.get(key);
      if (first === undefined || row.occurred_at < first) links.set(key, row);
    }
    return { ...decoded, contact_alias: [...aliases.values()], contact_link: [...links.values()] };
  }

  /** To be called with the rows of a batch once it is committed. */
  learn({ contact_alias, contact_link }: Pick<Decoded, 'contact_alias' | 'contact_link'>): void {
    if (this.aliases.size + contact_alias.length > this.capacity) this.aliases = new Set();
    if (this.links.size + contact_link.length > this.capacity) this.links = new Map();
    for (const row of contact_alias) this.aliases.add(row.alias_id);
    for (const row of contact_link) this.links.set(linkKey(row), row.occurred_at);
  }
}

function linkKey(row: Staged<'contact_link'>): string {
  return `${row.alias_a} ${row.alias_b} ${row.source} ${row.link_month}`;
}
