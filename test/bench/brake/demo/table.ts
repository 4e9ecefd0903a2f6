import type { Freely, Outcome } from './play.ts';

/** One seed, played both ways. */
export interface Pair {
  free: Freely;
  controlled: Outcome;
}

/** What is wanted of the brake, and of the worlds without it: where the platform would not downgrade, nothing is shown. */
const wanted = { pausedFirst: 0.95, goodPaused: 0.01, freeDowngraded: 0.95 };

/** The bad campaign was paused, and nothing was downgraded before that. */
export function pausedFirst({ pausedAt, downgradedAt }: Outcome): boolean {
  return pausedAt !== null && (downgradedAt === null || pausedAt < downgradedAt);
}

/** The table of docs/controller.md in Markdown, and whether all targets were met. */
export function table(pairs: readonly Pair[]): { text: string; met: boolean } {
  const controlled = pairs.map((pair) => pair.controlled);
  const free = pairs.map((pair) => pair.free);
  const good = controlled.flatMap((outcome) => outcome.good);
  const waves = good.filter(({ wanted: messages }) => messages >= 1000);
  const first = share(controlled, pausedFirst);
  const freeDowngraded = share(free, downgraded);
  const goodPaused = share(good, (campaign) => campaign.paused);
  const goodWanted = sum(good.map((campaign) => campaign.wanted));
  const waits = waves.flatMap((campaign) => sampled(campaign.waits));
  const [blocks, freeBlocks] = [controlled, free].map((of) => sum(of.map(({ badBlocks }) => badBlocks)) / pairs.length);
  const rows: [what: string, controlled: string, free: string][] = [
    ['bad campaign paused before any downgrade', `${percent(first)} (wanted: at least ${percent(wanted.pausedFirst)})`, ''],
    [
      'a number or template downgraded',
      percent(share(controlled, downgraded)),
      `${percent(freeDowngraded)} (wanted: at least ${percent(wanted.freeDowngraded)})`,
    ],
    [
      'first downgrade, median after',
      hours(median(controlled, (o) => o.downgradedAt)),
      hours(median(free, (o) => o.downgradedAt)),
    ],
    ['good campaigns paused', `${percent(goodPaused)} of ${good.length} (wanted: at most ${percent(wanted.goodPaused)})`, ''],
    ['good campaigns throttled', percent(share(good, ({ throttled }) => throttled)), ''],
    ['bad list throttled before it was paused', percent(share(controlled, throttledFirst)), ''],
    ['bad list throttled, median after', minutes(median(controlled, (o) => o.throttledAt)), ''],
    ['bad list paused, median after', minutes(median(controlled, (o) => o.pausedAt)), ''],
    ['its messages by then, median', count(median(controlled, (o) => o.sentUntilPaused)), ''],
    ['its messages in all, median', count(median(controlled, (o) => o.badSent)), count(median(free, (o) => o.badSent))],
    ['blocks by it, mean', (blocks ?? 0).toFixed(1), (freeBlocks ?? 0).toFixed(1)],
    ['delay of a message of good broadcasts, median', minutes(quantile(waits, 0.5)), '0'],
    ['ninth decile', minutes(quantile(waits, 0.9)), '0'],
    ['good messages given up', percent(sum(good.map(({ givenUp }) => givenUp)) / Math.max(1, goodWanted)), '0'],
    ['good messages that still wait at the end', percent(sum(good.map(waiting)) / Math.max(1, goodWanted)), '0'],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const text = [line(['', 'with Sluice', 'without']), line(['---', '---:', '---:']), ...rows.map(line)].join('\n');
  const met = first >= wanted.pausedFirst && goodPaused <= wanted.goodPaused && freeDowngraded >= wanted.freeDowngraded;
  return { text, met };
}

function throttledFirst({ throttledAt, pausedAt }: Outcome): boolean {
  return throttledAt !== null && pausedAt !== null && throttledAt < pausedAt;
}

function downgraded({ downgradedAt }: Freely): boolean {
  return downgradedAt !== null;
}

function waiting({ wanted: messages, sent, givenUp, withdrawn }: Outcome['good'][number]): number {
  return messages - sent - givenUp - withdrawn;
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(holds).length / items.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Every twentieth: a quantile of millions needs no more. */
function sampled(waits: readonly number[]): number[] {
  return waits.filter((_, i) => i % 20 === 0);
}

function median<T>(items: readonly T[], of: (item: T) => number | null): number | null {
  return quantile(
    items.flatMap((item) => of(item) ?? []),
    0.5,
  );
}

/** Nearest rank; null of nothing. */
function quantile(numbers: readonly number[], p: number): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function minutes(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : `${(milliseconds / 60_000).toFixed(1)} min`;
}

function hours(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : `${(milliseconds / 3_600_000).toFixed(1)} h`;
}

function count(value: number | null): string {
  return value === null ? '' : value.toLocaleString('en');
}
