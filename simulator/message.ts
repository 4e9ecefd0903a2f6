import type { CampaignPlan, PhoneNumber } from './campaign.ts';
import type { Person } from './person.ts';
import type { Cell } from './tally.ts';

export type Category = 'marketing' | 'utility' | 'service';

/** One outbound message: what is fixed when it is sent, and what the tally knows of it. */
export interface Message {
  sendId: string;
  wamid: string;
  person: Person;
  plan: CampaignPlan | undefined;
  variantId: string | undefined;
  number: PhoneNumber;
  category: Category;
  kind: 'template' | 'text' | 'audio';
  requestedAt: number;
  /** It was sent inside an open customer service window. */
  insideWindow: boolean;
  /** When it reaches the device, whole seconds in milliseconds; Infinity when it does not. */
  reachesAt: number;
  /** Tally: the sender has told that the platform accepted it. */
  taken: boolean;
  /** Tally: what has been proven by what was put on the wire, one bit each. */
  marks: number;
  /** Tally: credits that can no longer change. */
  settled: number;
  /** Tally: the earliest proof of delivery that was put on the wire. */
  deliveredAt: number;
  failedWith: number | undefined;
  cell: Cell;
}
