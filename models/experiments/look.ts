import type { Verdict } from './document.ts';
import type { Case } from './read-evidence.ts';
import { verdict } from './verdict.ts';

const dayMs = 86_400_000;

/** A look to be recorded: what was said, and all that it goes by, so that it can be said again. */
export interface LookDue {
  experiment_id: string;
  design_hash: string;
  look: number;
  state: string;
  /** Of the evidence, without what a replay does not need. */
  document: { at: number; design: Case['design']; evidence: Case['evidence']; verdict: Verdict };
}

/** Which look says what. */
export type NewLook = Pick<LookDue, 'look' | 'state'>;

/**
 * The look that an experiment is at, when it says something that no look before said: each planned look, each day without a plan, and each
 * change of the verdict. Null when there is nothing new, or nobody is counted yet.
 */
export function newLook({ design, evidence }: Case, now: number): NewLook | null {
  if (evidence.first_assigned_at === null) return null;
  const said = verdict(design, evidence, now, { detail: false });
  if (said.counted === 0 && said.state === 'too_early') return null;
  const look = said.looks === null ? Math.max(0, Math.floor((now - evidence.first_assigned_at) / dayMs)) : said.looks.taken;
  const known = evidence.looks.some((past) => past.look === look && past.state === said.state);
  if (known || (said.looks !== null && look === 0 && said.state === 'too_early')) return null;
  return { look, state: said.state };
}

/** A look with the whole document, to be recorded. */
export function lookRecord({ design, evidence }: Case, { look, state }: NewLook, now: number): LookDue {
  const { experiment_id, design_hash } = design;
  return {
    experiment_id,
    design_hash,
    look,
    state,
    document: { at: now, design, evidence, verdict: verdict(design, evidence, now) },
  };
}

/** Both at once; null when there is nothing new. */
export function lookDue(one: Case, now: number): LookDue | null {
  const found = newLook(one, now);
  return found === null ? null : lookRecord(one, found, now);
}

/** Says again what was said at a look, from what it saw. */
export function replayLook({ at, design, evidence }: Pick<LookDue['document'], 'at' | 'design' | 'evidence'>): Verdict {
  return verdict(design, evidence, at);
}
