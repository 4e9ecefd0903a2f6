import type { Segment } from './person.ts';

export interface PhoneNumber {
  id: string;
  name: string;
  display: string;
}

/** Chances after a message was opened by a person of average warmth. */
export interface Appeal {
  /** Opened at all, given that it arrived. */
  open: number;
  click: number;
  /** Taps a quick-reply button. */
  tap: number;
  reply: number;
  react: number;
  /** Opts out of marketing. */
  stop: number;
  /** Orders, given a click. */
  order: number;
  /** Blocks or reports the business, opened or not, by a person of average warmth. Cold people do so more, strangers most. */
  block: number;
}

export interface Arm {
  id: string;
  name: string;
  weight: number;
  holdout?: boolean;
  /** Multiplies click and reply. */
  lift?: number;
}

/** Whom a campaign writes to, and when. Days count from the start of the world; hours are UTC. */
export type Timing =
  /** A broadcast to these segments on these days, and every `again` days after the last of them. */
  | {
      kind: 'waves';
      segments: readonly Segment[];
      share: number;
      days: readonly number[];
      again?: number;
      hour: number;
      perSecond: number;
    }
  /** Three updates to each order. */
  | { kind: 'orders' }
  /** A welcome to each person who joins. */
  | { kind: 'joiners' }
  /** A reminder to each cart left behind; carts a day per 1,000 people. */
  | { kind: 'carts'; perThousand: number }
  /** Strangers whose numbers were bought, from this day on, until the list of `size` is through. */
  | { kind: 'list'; fromDay: number; size: number; perHour: number };

/** One campaign of the business: what it registers, and how people take to it. */
export interface CampaignPlan {
  id: string;
  name: string;
  objective: string;
  category: 'marketing' | 'utility';
  template: { name: string; language: string; id: number; stopButton: boolean };
  /** Which of the business's numbers sends it. */
  number: 0 | 1;
  margin: number;
  timing: Timing;
  appeal: Appeal;
  arms?: readonly Arm[];
  /** What is laid down before its arms are compared; needs arms. */
  experiment?: {
    metric: 'click' | 'reply' | 'conversion';
    ageHours: number;
    smallestLift: number;
    horizon: number;
    looks: number;
  };
  /** A new template: after so many sends the platform holds this share of the rest for a while. */
  pacing?: { after: number; share: number };
}

const marketing: Appeal = {
  open: 0.72,
  click: 0.1,
  tap: 0.02,
  reply: 0.022,
  react: 0.012,
  stop: 0.0035,
  order: 0.2,
  block: 0.0015,
};
const service: Appeal = { open: 0.9, click: 0.16, tap: 0, reply: 0.02, react: 0.02, stop: 0.0003, order: 0, block: 0 };

/** Eight campaigns as an online shop runs them, sized for this many contacts: a good month, and then a bought list. */
export function shopCampaigns(contacts: number): CampaignPlan[] {
  return [
    {
      id: 'order-updates',
      name: 'Order updates',
      objective: 'service',
      category: 'utility',
      template: { name: 'order_update', language: 'en', id: 1689556908129832, stopButton: false },
      number: 1,
      margin: 0.35,
      timing: { kind: 'orders' },
      appeal: service,
    },
    {
      id: 'welcome',
      name: 'Welcome to new customers',
      objective: 'activation',
      category: 'marketing',
      template: { name: 'welcome_v3', language: 'en', id: 1722334455667781, stopButton: true },
      number: 0,
      margin: 0.35,
      timing: { kind: 'joiners' },
      appeal: { ...marketing, open: 0.85, click: 0.22, reply: 0.05, order: 0.15 },
    },
    {
      id: 'autumn-sale',
      name: 'Autumn sale',
      objective: 'revenue',
      category: 'marketing',
      template: { name: 'autumn_sale', language: 'en', id: 2094811223344556, stopButton: true },
      number: 0,
      margin: 0.28,
      timing: {
        kind: 'waves',
        segments: ['new', 'loyal', 'vip', 'window_shoppers'],
        share: 0.9,
        days: [5],
        hour: 9,
        perSecond: 20,
      },
      appeal: { ...marketing, click: 0.12, stop: 0.004 },
      arms: [
        { id: 'control', name: 'Price first', weight: 45 },
        { id: 'treatment', name: 'Picture first', weight: 45, lift: 1.22 },
        { id: 'holdout', name: 'Nothing sent', weight: 10, holdout: true },
      ],
      experiment: {
        metric: 'click',
        ageHours: 72,
        smallestLift: 0.15,
        horizon: Math.max(20, Math.round(contacts * 0.35)),
        looks: 3,
      },
    },
    {
      id: 'cart-reminder',
      name: 'Cart reminder',
      objective: 'recovery',
      category: 'marketing',
      template: { name: 'cart_reminder', language: 'en', id: 1834455001122334, stopButton: true },
      number: 0,
      margin: 0.35,
      timing: { kind: 'carts', perThousand: 7 },
      appeal: { ...marketing, open: 0.8, click: 0.26, order: 0.3 },
    },
    {
      id: 'vip-preview',
      name: 'Preview for regulars',
      objective: 'loyalty',
      category: 'marketing',
      template: { name: 'vip_preview', language: 'en', id: 2210099887766554, stopButton: true },
      number: 0,
      margin: 0.4,
      timing: { kind: 'waves', segments: ['loyal', 'vip'], share: 0.85, days: [11, 22], again: 11, hour: 15, perSecond: 15 },
      appeal: { ...marketing, open: 0.84, click: 0.17, reply: 0.045, stop: 0.0015 },
    },
    {
      id: 'win-back',
      name: 'We miss you',
      objective: 'reactivation',
      category: 'marketing',
      template: { name: 'win_back', language: 'en', id: 2345678901234567, stopButton: true },
      number: 0,
      margin: 0.3,
      timing: { kind: 'waves', segments: ['dormant'], share: 0.95, days: [16], hour: 11, perSecond: 10 },
      appeal: { ...marketing, open: 0.66, click: 0.09, stop: 0.009, block: 0.003 },
      arms: [
        { id: 'control', name: 'No offer', weight: 1 },
        { id: 'ten-percent', name: '10 % off', weight: 1, lift: 1.35 },
        { id: 'free-shipping', name: 'Free shipping', weight: 1, lift: 1.05 },
      ],
      pacing: { after: 600, share: 0.25 },
    },
    {
      id: 'weekly-news',
      name: 'Weekly news',
      objective: 'engagement',
      category: 'marketing',
      template: { name: 'weekly_news', language: 'en', id: 1555666777888999, stopButton: true },
      number: 0,
      margin: 0.35,
      timing: {
        kind: 'waves',
        segments: ['new', 'loyal', 'vip', 'window_shoppers', 'dormant'],
        share: 0.62,
        days: [2, 9, 16, 23],
        again: 7,
        hour: 13,
        perSecond: 25,
      },
      appeal: { ...marketing, open: 0.62, click: 0.055, reply: 0.011, order: 0.1 },
    },
    {
      id: 'partner-leads',
      name: 'Partner leads (bought list)',
      objective: 'acquisition',
      category: 'marketing',
      template: { name: 'hello_offer', language: 'en', id: 2489900112233445, stopButton: false },
      number: 0,
      margin: 0.35,
      timing: { kind: 'list', fromDay: 30.005, size: Math.round(contacts * 0.3), perHour: Math.max(2, contacts * 0.012) },
      appeal: { ...marketing, open: 0.3, click: 0.05, reply: 0.03, tap: 0, react: 0, stop: 0.15, order: 0.03, block: 0.025 },
      pacing: { after: Math.round(contacts * 0.03), share: 0.3 },
    },
  ];
}
