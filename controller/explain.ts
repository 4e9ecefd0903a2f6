import type { Decision } from './decision.ts';
import { reasonsEn } from './reasons-en.ts';
import { reasonsFr } from './reasons-fr.ts';
import { parseScope } from './scope.ts';

/** The languages of the sentences. */
export type ExplainLanguage = 'en' | 'fr';

/** The words of one language: a template for each reason code, and what the templates are filled with. */
export interface ReasonWords {
  /** `{name}` takes a number of the reason, `{name:day|days}` the word that goes with it; besides them `what`, `rate` and `until`. */
  reasons: Record<string, string>;
  /** `{events}` of `{exposure}` messages …, by signal. */
  signals: Record<string, string>;
  /** Words of the platform and contradictions, by code; what is not listed is shown as it is. */
  codes: Record<string, string>;
  /** For codes that have no template. */
  unknown: string;
  shadow: string;
  nobody: string;
  /** Whether a count takes the singular. */
  isOne: (count: number) => boolean;
  percent: (share: number) => string;
  count: (value: number) => string;
}

const words: Record<ExplainLanguage, ReasonWords> = { en: reasonsEn, fr: reasonsFr };

/** What a sentence is made from. */
export type Explained = Pick<Decision, 'at' | 'policy_mode' | 'reason' | 'until'>;

/** Why a scope stands as it does, as one sentence; times are UTC. The pages, the API and the command all say this. */
export function explain({ at, policy_mode, reason, until }: Explained, language: ExplainLanguage = 'en'): string {
  const said = words[language];
  const { numbers } = reason;
  const filled: Record<string, string> = { until: until === null ? said.nobody : clock(until, at) };
  const singular = new Set<string>();
  for (const [name, value] of Object.entries(numbers)) {
    filled[name] = plain(name, value, said);
    if (typeof value === 'number' && said.isOne(Math.round(value))) singular.add(name);
  }
  const { events, exposure, signal } = numbers;
  if (typeof events === 'number' && typeof exposure === 'number') {
    const trials = Math.max(exposure, events);
    filled['exposure'] = said.count(Math.round(trials));
    if (said.isOne(Math.round(trials))) singular.add('exposure');
    else singular.delete('exposure');
    filled['rate'] = said.percent(trials > 0 ? events / trials : 0);
    filled['what'] = fill(said.signals[String(signal)] ?? '', filled, singular);
  }
  const sentence = fill(said.reasons[reason.code] ?? fill(said.unknown, { code: reason.code }), filled, singular);
  return policy_mode === 'shadow' ? fill(said.shadow, { sentence }) : sentence;
}

function plain(name: string, value: number | string, said: ReasonWords): string {
  if (name === 'guilty') return scopeText(String(value));
  if (typeof value === 'string') return name === 'word' || name === 'what' ? (said.codes[value] ?? value) : value;
  if (name === 'accept' || name === 'reject') return said.percent(value);
  return said.count(name === 'per_second' ? value : Math.round(value));
}

/** A scope by the names of its parts. */
function scopeText(scope: string): string {
  const parsed = parseScope(scope);
  return parsed === null ? scope : parsed.values.map((value) => value ?? '–').join(' · ');
}

function fill(template: string, values: Record<string, string>, singular: ReadonlySet<string> = new Set()): string {
  const blank = /\{(\w+)(?::([^{|}]*)\|([^{|}]*))?\}/g;
  return template.replace(blank, (whole, name: string, one: string | undefined, other: string) =>
    one === undefined ? (values[name] ?? whole) : singular.has(name) ? one : other,
  );
}

/** A time as people say it: the clock alone on the same UTC day, else with the day. */
function clock(time: number, now: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) return '?';
  const iso = new Date(time).toISOString();
  const sameDay = Math.floor(time / 86_400_000) === Math.floor(now / 86_400_000);
  return `${sameDay ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 16)} UTC`;
}
