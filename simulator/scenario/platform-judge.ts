import { hour } from '../emission.ts';
import { type Quality, type QualityMarks, QualityScore } from '../quality.ts';
import type { SecretWeights } from './secret.ts';

/** What the platform did to a number or a template. */
export interface Judgement {
  scope: 'number' | 'template';
  id: string;
  to: 'YELLOW' | 'RED';
  at: number;
}

interface Standing {
  scope: 'number' | 'template';
  id: string;
  score: QualityScore;
  marks: QualityMarks;
  quality: Quality;
  pausedUntil: number;
}

/** Good messages of the last day that a number has behind it, and the blocks among them. */
const history = { delivered: 4_000, blocked: 8 };

/** The platform's opinion of numbers and templates by its secret weights: a RED template is paused for three hours, a RED number flagged. */
export class PlatformJudge {
  readonly judgements: Judgement[] = [];
  private readonly standings = new Map<string, Standing>();
  private next: number;

  constructor(
    private readonly secret: SecretWeights,
    numbers: readonly string[],
    templates: readonly string[],
    startAt: number,
  ) {
    this.next = startAt + secret.every;
    const make = (scope: Standing['scope'], id: string, marks: QualityMarks): Standing => {
      return { scope, id, score: new QualityScore(), marks, quality: 'GREEN', pausedUntil: 0 };
    };
    for (const id of numbers) {
      const standing = make('number', id, secret.number);
      standing.score.delivered(startAt - 12 * hour, history.delivered);
      standing.score.blocked(startAt - 12 * hour, history.blocked);
      this.standings.set(id, standing);
    }
    for (const id of templates) this.standings.set(id, make('template', id, secret.template));
  }

  /** Whether a template may be sent. */
  isPaused(template: string, at: number): boolean {
    return (this.standings.get(template)?.pausedUntil ?? 0) > at;
  }

  /** Messages of a number and template that reached people, and what those did. */
  saw(
    of: readonly string[],
    at: number,
    counts: { delivered: number; blocks: number; optOuts: number; undeliverable: number },
  ): void {
    const { block, optOut, undeliverable } = this.secret;
    const weight = block * counts.blocks + optOut * counts.optOuts + undeliverable * counts.undeliverable;
    for (const id of of) {
      const score = this.standings.get(id)?.score;
      if (counts.delivered > 0) score?.delivered(at, counts.delivered);
      if (weight > 0) score?.blocked(at, weight);
    }
  }

  /** Looks, when it is time to. */
  advance(now: number): void {
    if (now < this.next) return;
    this.next = now + this.secret.every;
    for (const standing of this.standings.values()) this.judge(standing, now);
  }

  private judge(standing: Standing, now: number): void {
    const { scope, id, score, marks, quality: before, pausedUntil } = standing;
    if (pausedUntil > now) return;
    if (pausedUntil > 0) {
      score.clear();
      standing.pausedUntil = 0;
      standing.quality = 'UNKNOWN';
      return;
    }
    standing.quality = score.judge(now, before, marks);
    if (standing.quality === before) return;
    if (standing.quality === 'YELLOW' || standing.quality === 'RED')
      this.judgements.push({ scope, id, to: standing.quality, at: now });
    if (standing.quality === 'RED' && scope === 'template') standing.pausedUntil = now + 3 * hour;
  }

  /** What it says in webhooks: a template that is paused or of low quality, a number that is flagged. */
  *said(now: number): Iterable<{ scope: 'number' | 'template'; id: string; word: 'paused' | 'low' }> {
    for (const { scope, id, quality, pausedUntil } of this.standings.values()) {
      if (pausedUntil > now) yield { scope, id, word: 'paused' };
      else if (quality === 'RED' || (scope === 'template' && quality === 'YELLOW')) yield { scope, id, word: 'low' };
    }
  }
}
