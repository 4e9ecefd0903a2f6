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

/**
 * The look that an experiment is at, when it says something that no look before said: each planned look, each day without a plan, and each
 * change of the verdict. Null when there is nothing new, or nobody is counted yet.
 */
export function lookDue({ design, evidence }: Case, now: number): LookDue | null {
  if (evidence.first_assigned_at === null) return null;
  const said = verdict(design, evidence, now, { detail: false });
  if (said.counted === 0 && said.state === 'too_early') return null;
  const look = said.looks === null ? Math.max(0, Math.floor((now - evidence.first_assigned_at) / dayMs)) : said.looks.taken;
  const known = evidence.looks.some((past) => past.look === look && past.state === said.state);
  if (known || (said.looks !== null && look === 0 && said.state === 'too_early')) return null;
  const { experiment_id, design_hash } = design;
  const document = { at: now, design, evidence, verdict: verdict(design, evidence, now) };
  return { experiment_id, design_hash, look, state: said.state, document };
}

/** Says again what was said at a look, from what it saw. */
export function replayLook({ at, design, evidence }: Pick<LookDue['document'], 'at' | 'design' | 'evidence'>): Verdict {
  return verdict(design, evidence, at);
}
