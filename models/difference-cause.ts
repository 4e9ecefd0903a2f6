/** One line of the platform's analytics beside ours, see the model platform_comparison. Money in micro-units, times in ms since 1970. */
export interface Comparison {
  report: 'pricing' | 'template';
  their: Figures;
  our: Figures;
  /** Our messages whose cost is not known. */
  unpriced: number;
  /** Delivered in the interval in all categories and types of the country. */
  theirAll: number;
  ourAll: number;
  startsAtMidnight: boolean;
  toAt: number;
  toldAt: number;
  comparedAt: number;
}

interface Figures {
  sent: number | null;
  delivered: number;
  read: number | null;
  costMicros: bigint | null;
}

export const causes = {
  agrees: 'Both say the same.',
  late_statuses:
    'The interval is younger than the seven days in which statuses may come, and the difference is small: ask again later.',
  time_zone:
    "The interval does not start at midnight by the account's clock as registered: register its time zone (PUT /v1/wabas/{id}).",
  free_window:
    'Both have as many messages of the country, and put them into different categories or types: free windows were seen differently.',
  missing_webhooks:
    'The platform has more messages than the facts: webhooks were lost, or go to another address, or the country of the recipient is not known here.',
  not_in_their_figures:
    'The facts have more messages than the platform tells of: the answer was filtered, or is older than the messages.',
  price_unknown:
    'Some of our messages have no known price: GET /v1/metrics for messages_unpriced, and the model message_cost has the reason.',
  card: "As many messages at another price: the card's date or currency, a volume tier, or a partner's markup differs.",
  reads_end: 'The platform stops counting reads seven days after the send, and resets them: ours go on.',
} as const;
export type Cause = keyof typeof causes;

const week = 7 * 86_400_000;
/** A young interval may lack this share without anything being wrong. */
const tolerated = 0.05;

/** Why the two sides of a line most likely differ: the first reason that fits. */
export function differenceCause(line: Comparison): Cause {
  const { their, our, toAt, toldAt, comparedAt } = line;
  const gap = (their.sent ?? 0) - (our.sent ?? 0) || their.delivered - our.delivered;
  const young = Math.min(toldAt, comparedAt) < toAt + week;
  if (gap !== 0) {
    if (young && Math.abs(gap) <= tolerated * Math.max(their.delivered, our.delivered)) return 'late_statuses';
    if (!line.startsAtMidnight) return 'time_zone';
    if (line.report === 'pricing' && line.theirAll === line.ourAll) return 'free_window';
    return gap > 0 ? 'missing_webhooks' : 'not_in_their_figures';
  }
  const reads = (their.read ?? 0) - (our.read ?? 0);
  if (reads !== 0) return reads < 0 && !young ? 'reads_end' : young ? 'late_statuses' : 'missing_webhooks';
  if (line.unpriced > 0) return 'price_unknown';
  if (their.costMicros === null || our.costMicros === null || agree(their.costMicros, our.costMicros, our.delivered))
    return 'agrees';
  return 'card';
}

/** The platform adds floats up: half a micro-unit a message is no difference. */
function agree(their: bigint, our: bigint, messages: number): boolean {
  const gap = their > our ? their - our : our - their;
  return gap * 2n <= BigInt(messages);
}
