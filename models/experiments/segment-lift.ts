import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { verdictAlpha } from '../statistics/choices.ts';
import { falseCoverageConfidence } from '../statistics/false-coverage.ts';
import { heterogeneity } from '../statistics/heterogeneity.ts';
import { pAdjust } from '../statistics/p-adjust.ts';
import { welchT } from '../statistics/welch-t.ts';
import { estimate, scoreEstimates, scoreP } from './compare.ts';
import { controlOf, type Design, maturityMs } from './design.ts';
import type { Bilingual, Estimate } from './document.ts';
import { textOf } from './evidence-row.ts';
import { armRevenueOf, readRevenue } from './read-evidence.ts';

export const segmentMetrics = ['read', 'reply', 'click', 'conversion', 'unsubscribe'] as const;
export type SegmentMetric = (typeof segmentMetrics)[number];

/** One comparison of a segment, corrected for the number of segments by Benjamini-Hochberg. */
export interface SegmentComparison {
  absolute: Estimate;
  relative: Estimate;
  p: number | null;
  p_adjusted: number | null;
  /** Whether it is one of those that may be talked about: its corrected p is below 0.05. */
  selected: boolean;
  /**
   * Of the intervals. Those that are selected for being far from zero miss more often than one in twenty, so theirs are wider: of all
   * the selected together at most one in twenty misses (false coverage rate).
   */
  confidence: number;
}

export interface SegmentRow {
  /** null for people in no segment. */
  segment: string | null;
  n: number;
  x: number;
  rate: number | null;
  /** Observed in the arms that send: who these people are, and what the messages do, together. */
  versus_everyone: SegmentComparison;
  versus_rest: SegmentComparison;
  /** What the messages do: those sent to against the hold-out, or the best variant against the control, within the segment. */
  effect: SegmentComparison & { control: { n: number; x: number }; treatment: { n: number; x: number } };
  /** Incremental revenue of 1,000 messages, in the currency; null without a hold-out or revenue. */
  value_per_1000_messages: Estimate | null;
  /** That times the campaign's margin, less what 1,000 messages cost; null unless margin and every message's cost are known, in that currency. */
  profit_per_1000_messages: Estimate | null;
  /** True when the segment differs from the rest, and its messages do nothing that can be shown: selection, not the message. */
  selection: boolean;
}

export interface SegmentLift {
  experiment_id: string;
  metric: SegmentMetric;
  /** What `effect` compares. */
  effect_of: { control: string; treatment: readonly string[]; holdout: boolean };
  currency: string | null;
  /** Whether effects differ between segments at all: claims about single segments are worth something only if it rejects. */
  heterogeneity: { q: number; df: number; p: number } | null;
  /** Ranked by profit where it is known, else by value, else by effect. */
  segments: SegmentRow[];
  sentence: Bilingual;
}

const sql = {
  segments: readProjectFile('sql/queries/experiment_segments.sql'),
  costs: readProjectFile('sql/queries/experiment_segment_costs.sql'),
} as const;

/** Reads and compares the segments of one experiment, over all people counted by now (ms since 1970). */
export async function readSegmentLift(
  connection: Connection,
  design: Design,
  metric: SegmentMetric,
  now: number,
): Promise<SegmentLift> {
  const rows = await connection.rows(sql.segments, { experiment: design.experiment_id, at: new Date(now) });
  const until = now - maturityMs(design) + 1;
  const revenue = await readRevenue(connection, [{ experiment_id: design.experiment_id, until }], true);
  const costs = await connection.rows(sql.costs, { campaign: design.campaign_id });
  return segmentLift(design, metric, rows.map(cellOf), revenue.map(moneyOf), costs.map(costOf));
}

/** Mature people of one segment in one arm. */
export interface SegmentCell {
  segment: string | null;
  arm: string;
  n: number;
  messages: number;
  outcomes: Record<SegmentMetric, number>;
}

/** Capped revenue of one segment in one arm. */
export interface SegmentMoney {
  segment: string | null;
  arm: string;
  n: number;
  mean: number;
  variance: number;
  currency: string | null;
}

/** What a message to a segment cost, and which part of revenue is margin. */
export interface SegmentCost {
  segment: string | null;
  cost_per_message: number | null;
  currency: string | null;
  margin: number | null;
}

interface Count {
  n: number;
  x: number;
}

/** Compares segments; pure. */
export function segmentLift(
  design: Design,
  metric: SegmentMetric,
  cells: readonly SegmentCell[],
  money: readonly SegmentMoney[],
  costs: readonly SegmentCost[] = [],
): SegmentLift {
  const holdout = design.arms.find((arm) => arm.holdout);
  const sending = design.arms.filter((arm) => !arm.holdout).map(({ id }) => id);
  const control = holdout?.id ?? controlOf(design).id;
  const treatment = sending.filter((id) => id !== control);
  const count = (of: (cell: SegmentCell) => boolean): Count =>
    cells.filter(of).reduce((sum, cell) => ({ n: sum.n + cell.n, x: sum.x + cell.outcomes[metric] }), { n: 0, x: 0 });
  const isSent = ({ arm }: SegmentCell) => sending.includes(arm);
  const everyone = count(isSent);
  const names = [...new Set(cells.map(({ segment }) => segment))].sort((a, b) => String(a).localeCompare(String(b)));
  const raw = names.map((segment) => {
    const mine = count((cell) => isSent(cell) && cell.segment === segment);
    return {
      segment,
      mine,
      rest: { n: everyone.n - mine.n, x: everyone.x - mine.x },
      control: count((cell) => cell.arm === control && cell.segment === segment),
      treatment: count((cell) => treatment.includes(cell.arm) && cell.segment === segment),
    };
  });
  const compared = (pairs: { control: Count; treatment: Count }[]): SegmentComparison[] => {
    const { adjusted } = pAdjust({ p: pairs.map(scoreP), method: 'bh' });
    const isSelected = (p: number | null | undefined) => p !== null && p !== undefined && p < verdictAlpha;
    const family = adjusted.filter((p) => p !== null).length;
    const wider = falseCoverageConfidence(adjusted.filter(isSelected).length, family, verdictAlpha);
    return pairs.map((pair, index) => {
      const selected = isSelected(adjusted[index]);
      const confidence = selected ? wider : 1 - verdictAlpha;
      return { ...scoreEstimates(pair, confidence), p: scoreP(pair), p_adjusted: adjusted[index] ?? null, selected, confidence };
    });
  };
  // Everyone holds the segment itself, so the test is that against the rest: only the difference is smaller.
  const rest = compared(raw.map(({ mine, rest: others }) => ({ control: others, treatment: mine })));
  const effects = compared(raw.map((row) => ({ control: row.control, treatment: row.treatment })));
  const differs = heterogeneity(
    raw.flatMap((row) => {
      const [c, t] = [row.control, row.treatment];
      if (c.n < 2 || t.n < 2 || c.x + t.x === 0) return [];
      // Half an event more on each side, so that a segment without any still has a variance (F. Anscombe, 1956).
      const [pc, pt] = [(c.x + 0.5) / (c.n + 1), (t.x + 0.5) / (t.n + 1)];
      return [{ estimate: pt - pc, variance: (pc * (1 - pc)) / c.n + (pt * (1 - pt)) / t.n }];
    }),
  );
  const currencies = [...new Set(money.flatMap(({ currency }) => currency ?? []))];
  const segments = raw.map((row, index): SegmentRow => {
    const versusRest = rest[index] as SegmentComparison;
    const effect = { ...(effects[index] as SegmentComparison), control: row.control, treatment: row.treatment };
    const differsFromRest = versusRest.selected;
    const works = effect.selected;
    const value =
      holdout === undefined || currencies.length > 1 ? null : incrementOf(row.segment, control, treatment, cells, money);
    return {
      segment: row.segment,
      n: row.mine.n,
      x: row.mine.x,
      rate: row.mine.n === 0 ? null : row.mine.x / row.mine.n,
      versus_everyone: {
        ...versusRest,
        ...versusEveryone(row.mine, everyone, versusRest),
      },
      versus_rest: versusRest,
      effect,
      value_per_1000_messages: value,
      profit_per_1000_messages: profitOf(
        value,
        currencies[0] ?? null,
        costs.find(({ segment }) => segment === row.segment),
      ),
      selection: holdout !== undefined && differsFromRest && !works,
    };
  });
  const rank = (row: SegmentRow) =>
    row.profit_per_1000_messages?.value ??
    row.value_per_1000_messages?.value ??
    row.effect.absolute.value ??
    Number.NEGATIVE_INFINITY;
  segments.sort((one, other) => rank(other) - rank(one));
  const lift = { control, treatment, holdout: holdout !== undefined };
  const q = differs === null ? null : { q: differs.q, df: differs.df, p: differs.p };
  return {
    experiment_id: design.experiment_id,
    metric,
    effect_of: lift,
    currency: currencies.length === 1 ? (currencies[0] ?? null) : null,
    heterogeneity: q,
    segments,
    sentence: sentenceOf(segments, q?.p ?? null, holdout !== undefined),
  };
}

/** A segment against everyone, itself among them: the difference to the rest times the share of the rest. */
function versusEveryone(
  { n }: Count,
  everyone: Count,
  { absolute, relative }: SegmentComparison,
): Pick<SegmentComparison, 'absolute' | 'relative'> {
  const share = everyone.n === 0 ? 0 : 1 - n / everyone.n;
  const scaled = (value: number | null) => (value === null ? null : value * share);
  // mine / everyone - 1 with mine = rest (1 + r): r times the share, over 1 + r times the segment's own share.
  const ratio = (r: number | null) => (r === null ? null : (1 + r) / (1 + r * (1 - share)) - 1);
  return {
    absolute: { value: scaled(absolute.value), low: scaled(absolute.low), high: scaled(absolute.high) },
    relative: { value: ratio(relative.value), low: ratio(relative.low), high: ratio(relative.high) },
  };
}

/** Revenue of those sent to over that of the hold-out, for each thousand messages that it took. */
function incrementOf(
  segment: string | null,
  control: string,
  treatment: readonly string[],
  cells: readonly SegmentCell[],
  money: readonly SegmentMoney[],
): Estimate | null {
  const held = merged(money.filter((one) => one.segment === segment && one.arm === control));
  const sent = merged(money.filter((one) => one.segment === segment && treatment.includes(one.arm)));
  const messages = cells
    .filter((cell) => cell.segment === segment && treatment.includes(cell.arm))
    .reduce((sum, cell) => sum + cell.messages, 0);
  if (held.n < 2 || sent.n < 2 || messages === 0 || held.variance + sent.variance === 0) return null;
  const { absolute } = welchT({ control: held, treatment: sent });
  const scale = (1000 * sent.n) / messages;
  return estimate(absolute.estimate * scale, [absolute.ci[0] * scale, absolute.ci[1] * scale]);
}

function profitOf(value: Estimate | null, currency: string | null, cost: SegmentCost | undefined): Estimate | null {
  if (
    value === null ||
    cost === undefined ||
    cost.margin === null ||
    cost.cost_per_message === null ||
    cost.currency !== currency
  )
    return null;
  const { margin, cost_per_message } = cost;
  const profit = (revenue: number | null) => (revenue === null ? null : revenue * margin - 1000 * cost_per_message);
  return { value: profit(value.value), low: profit(value.low), high: profit(value.high) };
}

/** Moments of several groups together. */
function merged(parts: readonly SegmentMoney[]): { n: number; mean: number; variance: number } {
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  const mean = n === 0 ? 0 : parts.reduce((sum, part) => sum + part.n * part.mean, 0) / n;
  const squares = parts.reduce((sum, part) => sum + (part.n - 1) * part.variance + part.n * (part.mean - mean) ** 2, 0);
  return { n, mean, variance: n > 1 ? squares / (n - 1) : 0 };
}

function sentenceOf(segments: readonly SegmentRow[], p: number | null, holdout: boolean): Bilingual {
  // Of those that selection explains, the one that looks best is the one that tempts; one that looks bad tempts nobody.
  const trap = segments
    .filter(({ selection, versus_rest }) => selection && (versus_rest.absolute.value ?? 0) > 0)
    .sort((one, other) => (other.rate ?? 0) - (one.rate ?? 0))[0];
  const name = (row: SegmentRow | undefined, none: string) => row?.segment ?? none;
  if (trap !== undefined) {
    return {
      en: `Do not credit the message for “${name(trap, 'no segment')}”: these people differ from the rest with or without it, and within the segment the messages show no effect against the hold-out. Choose segments by effect, not by rate.`,
      fr: `Ne créditez pas le message pour « ${name(trap, 'sans segment')} » : ces personnes diffèrent des autres avec ou sans lui, et dans le segment les messages n’ont pas d’effet visible face au groupe témoin. Choisissez les segments selon l’effet, pas selon le taux.`,
    };
  }
  if (!holdout) {
    return {
      en: 'Without a hold-out nobody can tell what the message does from who the people are: keep back a tenth of each segment next time.',
      fr: 'Sans groupe témoin, personne ne peut distinguer ce que fait le message de ce que sont les gens : gardez un dixième de chaque segment la prochaine fois.',
    };
  }
  if (p === null || p >= 0.05) {
    return {
      en: 'The effect does not differ between segments in any way that can be shown: treat them alike.',
      fr: 'L’effet ne diffère pas de façon démontrable entre les segments : traitez-les de la même manière.',
    };
  }
  const best = segments.find(({ effect }) => effect.selected && (effect.absolute.value ?? 0) > 0);
  if (best === undefined) {
    return {
      en: 'The effect differs between segments, but no segment gains surely: try again with more people.',
      fr: 'L’effet diffère entre les segments, mais aucun ne gagne sûrement : recommencez avec plus de monde.',
    };
  }
  return {
    en: `The message does most for “${name(best, 'no segment')}”, and segments do differ: begin with it.`,
    fr: `Le message rapporte le plus pour « ${name(best, 'sans segment')} », et les segments diffèrent bien : commencez par lui.`,
  };
}

function cellOf(row: Row): SegmentCell {
  return {
    segment: textOf(row.segment_id),
    arm: String(row.arm_id),
    n: Number(row.people),
    messages: Number(row.messages),
    outcomes: {
      read: Number(row.read),
      reply: Number(row.replied),
      click: Number(row.clicked),
      conversion: Number(row.converted),
      unsubscribe: Number(row.unsubscribed),
    },
  };
}

function moneyOf(row: Row): SegmentMoney {
  const { n, capped } = armRevenueOf(row);
  const currency =
    row.first_currency === null ? null : row.first_currency === row.last_currency ? String(row.first_currency) : 'mixed';
  return { segment: textOf(row.segment_id), arm: String(row.arm_id), n, ...capped, currency };
}

function costOf(row: Row): SegmentCost {
  const number = (value: unknown) => (value === null ? null : Number(value));
  return {
    segment: textOf(row.segment_id),
    cost_per_message: number(row.cost_per_message),
    currency: textOf(row.currency),
    margin: number(row.margin),
  };
}
