import { sequenceLeastEvents } from '../statistics/choices.ts';
import type { Design } from './design.ts';
import type {
  Bilingual,
  Comparison,
  GuardrailReading,
  HealthCheck,
  Looks,
  Note,
  RatioSuspect,
  VerdictState,
} from './document.ts';
import { sentenceInEnglish } from './sentence-en.ts';
import { sentenceInFrench } from './sentence-fr.ts';

/** Without a plan, before so many people are counted in each arm nothing may speak. */
export const fewPeople = 100;

/** What was found, for whoever puts it into words. */
export interface Finding {
  design: Design;
  state: VerdictState;
  /** The arm it is about. */
  arm: string | null;
  /** The comparison it is about; the first where it is about none. */
  comparison: Comparison | null;
  health: readonly HealthCheck[];
  guardrails: readonly GuardrailReading[];
  looks: Looks | null;
  people: number;
  counted: number;
  days: number | null;
  detectable: number | null;
  currency: string | null;
  notes: readonly Note[];
}

/** The verdict in words: what, how sure, and what to do next. The sentence alone is to lead to the right action. */
export function sentenceOf(finding: Finding): Bilingual {
  const said = { en: sentenceInEnglish(finding), fr: sentenceInFrench(finding) };
  const withoutEffect = finding.state === 'invalid' || finding.state === 'harmful' || finding.state === 'too_early';
  const warning = withoutEffect ? ['arm_braked'] : ['whale', 'simpson', 'arm_braked'];
  const warnings = finding.notes.filter(({ code }) => warning.includes(code));
  const all = (language: 'en' | 'fr') => [said[language], ...warnings.map(({ text }) => text[language])].join(' ');
  return { en: all('en'), fr: all('fr') };
}

/** The name of an arm. */
export function armName({ arms }: Design, id: string | null): string {
  return arms.find((arm) => arm.id === id)?.name ?? id ?? '';
}

/** Whether the comparison is with people who got nothing. */
export function isAgainstHoldout({ design, comparison }: Finding): boolean {
  return design.arms.some(({ id, holdout }) => holdout && id === comparison?.control.arm);
}

/** What makes the sample ratio go wrong, when it is one thing alone. */
export function culpritOf({ health }: Pick<Finding, 'health'>): RatioSuspect | undefined {
  return health.find(({ ok }) => !ok)?.suspects.find(({ explains }) => explains);
}

/**
 * The arm in which too few people did it (or, inverse, did not) for the sequence to speak; null where people are what is missing, or a plan
 * decides.
 */
export function leastEvents({ comparison }: Pick<Finding, 'comparison'>) {
  if (comparison === null || comparison.sequence.speaks !== false) return null;
  const { control, treatment } = comparison;
  if (Math.min(control.n, treatment.n) < fewPeople) return null;
  const sides = [control, treatment].flatMap(({ arm, n, x }) => {
    if (x === null) return [];
    const inverse = x > n - x;
    return { arm, n, events: inverse ? n - x : x, inverse, needed: sequenceLeastEvents };
  });
  return sides.sort((one, other) => one.events - other.events)[0] ?? null;
}

/** The smallest effect that the plan says is worth knowing; nothing without a plan. */
export function smallestEffect({ design, currency }: Finding, { percent, money, points }: ReturnType<typeof numbersIn>): string {
  const mde = design.plan?.mde;
  if (mde === undefined) return '';
  if ('relative' in mde) return percent(mde.relative);
  return design.metric === 'revenue' ? money(mde.absolute, currency) : points(mde.absolute);
}

/** Numbers as one language writes them. */
export function numbersIn(locale: 'en-GB' | 'fr-FR') {
  const sign = locale === 'en-GB' ? '%' : '\u202f%';
  const formats = [1, 2, 3].map((digits) => new Intl.NumberFormat(locale, { maximumSignificantDigits: digits }));
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const cents = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
  /** With the true minus sign, which is as wide as a plus and is read out as what it is. */
  const minus = (text: string) => text.replace('-', '−');
  const format = (value: number, digits: 1 | 2 | 3) => minus((formats[digits - 1] ?? whole).format(value));
  const count = (value: number) => whole.format(value);
  const plus = (value: number, text: string) => (value > 0 ? `+${text}` : text);
  return {
    count,
    /** Two digits. */
    digits: (value: number) => format(value, 2),
    /** A difference of rates, with two digits. */
    points: (value: number) => `${format(value * 100, 2)} ${locale === 'en-GB' ? 'percentage points' : 'points de pourcentage'}`,
    /** A rate with three digits. */
    percent: (value: number) => `${format(value * 100, 3)}${sign}`,
    /** A lift with two digits and its sign. */
    lift: (value: number) => plus(value, `${format(value * 100, Math.abs(value) >= 1 ? 3 : 2)}${sign}`),
    money: (value: number, currency: string | null) => `${minus(cents.format(value))}${currency === null ? '' : ` ${currency}`}`,
    /** A p-value, never as 0. */
    p: (value: number) => (value < 0.0001 ? `< ${format(0.0001, 1)}` : `= ${format(value, 2)}`),
    signed: (value: number, text: string) => plus(value, text),
  };
}
