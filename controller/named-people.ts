import type { PersonOverlay } from './contact-rules.ts';
import type { Grant } from './permit.ts';

const dayMs = 86_400_000;

/**
 * Who was named in grants of the last 24 h: a person of one list must not get a second marketing message by another list that was
 * asked for before the first message is in the facts.
 */
export class NamedPeople implements PersonOverlay {
  private readonly grants = new Map<string, Grant[]>();
  private readonly queue = new Map<string, Grant>();

  add(grant: Grant): void {
    if (grant.people.length === 0) return;
    this.queue.set(grant.permit_id, grant);
    for (const person of grant.people) {
      const named = this.grants.get(person);
      if (named === undefined) this.grants.set(person, [grant]);
      else named.push(grant);
    }
  }

  /** The grant took nothing to anybody, or the facts know of all that it did. */
  remove(grant: Grant): void {
    if (!this.queue.delete(grant.permit_id)) return;
    for (const person of grant.people) {
      const rest = this.grants.get(person)?.filter((other) => other !== grant) ?? [];
      if (rest.length === 0) this.grants.delete(person);
      else this.grants.set(person, rest);
    }
  }

  /** Forgets grants that are older than a day: the facts know by then. */
  prune(now: number): void {
    for (const grant of this.queue.values()) {
      if (grant.at + dayMs > now) return;
      this.remove(grant);
    }
  }

  lastMarketing(person: string): number | null {
    return this.last(person, (grant) => grant.category === 'marketing');
  }

  lastMessage(person: string): number | null {
    return this.last(person, () => true);
  }

  private last(person: string, counts: (grant: Grant) => boolean): number | null {
    let last: number | null = null;
    for (const grant of this.grants.get(person) ?? []) if (counts(grant) && grant.at > (last ?? 0)) last = grant.at;
    return last;
  }
}
