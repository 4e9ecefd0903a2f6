import { type Rates, step } from './cusum.ts';

/** Messages of a campaign that a batch of facts touched, and how many of them failed by it. */
export interface Harm {
  campaign_id: string | null;
  touched: number;
  failed: number;
}

/** What the default policy takes for healthy and bad in failures for the recipient's sake. */
const rates: Rates = { accept: 0.05, reject: 0.15 };
/** About three failures among few messages, nats. Far below any detector's line: a look more costs little, and only the look decides. */
const enough = 3;

/**
 * Whether the facts since the last look of the controller hold harm that the next look should not be late for. It decides nothing: each
 * campaign has a sum like a detector's, of what batches tell by themselves, and is looked at sooner once that is enough.
 */
export class Urgency {
  /** By campaign, '' for messages without one. */
  private readonly sums = new Map<string, number>();

  /** Takes in what a batch told once it is in the facts. */
  add(harm: readonly Harm[]): void {
    for (const { campaign_id, touched, failed } of harm) {
      const campaign = campaign_id ?? '';
      this.sums.set(campaign, step(this.sums.get(campaign) ?? 0, rates, failed, touched));
    }
  }

  /** Campaigns that are worth a look, '' for none. */
  get due(): readonly string[] {
    return [...this.sums].filter(([, sum]) => sum >= enough).map(([campaign]) => campaign);
  }

  /** A look at these begins now. */
  take(campaigns: readonly string[]): void {
    for (const campaign of campaigns) this.sums.delete(campaign);
  }

  /** A look that begins now sees all of it. */
  clear(): void {
    this.sums.clear();
  }
}
