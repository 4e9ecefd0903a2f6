import type { MessageKey } from '../../dashboards/locales/en.ts';
import { type Blanks, type Language, type LocalText, translate, translateIfKnown } from '../../dashboards/locales/locale.ts';
import { marketsFr } from '../../dashboards/locales/markets-fr.ts';
import { metricsFr } from '../../dashboards/locales/metrics-fr.ts';
import type { Grain, MetricDefinition } from '../../models/metric-query.ts';

/** How one reader is spoken to: strings of a language, numbers and times as that language and a zone write them. */
export interface Words {
  language: Language;
  zone: string;
  t(key: MessageKey, values?: Blanks): string;
  /** The text of a dashboard in this language. */
  text(local: LocalText): string;
  count(value: number): string;
  /** With so many decimals. */
  decimal(value: number, digits: number): string;
  /** A value of a metric in its unit: a share as percent, seconds as a duration, money with cents, the rest as numbers. */
  figure(value: number, definition: MetricDefinition | undefined): string;
  /** A length of time in its largest fitting unit. */
  duration(seconds: number): string;
  /** 1 Monday to 7 Sunday, in short. */
  weekday(day: number): string;
  /** A share of 1 as percent: one decimal, two below ten percent. */
  percent(value: number): string;
  /** Two shares as "60.9–61.8 %", with the decimals that `value` gets. */
  interval(low: number, high: number, value: number): string;
  dateTime(iso: string): string;
  day(iso: string): string;
  /** The start of an interval of a chart. */
  bucket(iso: string, grain: Grain): string;
  metric(name: string, definition?: MetricDefinition): string;
  /** What a metric measures; a user's own in the words of its file. Undefined where there is no such metric. */
  meaning(definition: MetricDefinition | undefined): string | undefined;
  dimension(name: string): string;
  /** How a value of a dimension is called; as it is where the language has no word for it. */
  member(dimension: string, id: string): string;
  /** A country by its ISO 3166-1 alpha-2 code; what is no such code is shown as it is. */
  country(code: string): string;
  list(items: string[]): string;
  /** A name and what it is told of: "Read: Autumn". */
  labelled(name: string, text: string): string;
}

/** With the true minus sign, which is as wide as a plus. */
const minus = (text: string): string => text.replace('-', '−');

/** To make a formatter of numbers or times costs a hundred times what it costs to use it. */
const made = new Map<string, Words>();
const mostMade = 500;

/** The words for a language and an IANA zone. */
export function makeWords(language: Language, zone: string): Words {
  const key = `${language} ${zone}`;
  const words = made.get(key) ?? newWords(language, zone);
  if (made.size >= mostMade) made.clear();
  made.set(key, words);
  return words;
}

function newWords(language: Language, zone: string): Words {
  const locale = language === 'en' ? 'en-GB' : 'fr-FR';
  const numbers = new Intl.NumberFormat(locale);
  const digits = (value: number) => (Math.abs(value) < 0.1 ? 2 : 1);
  const fixed = [1, 2].map(
    (fraction) => new Intl.NumberFormat(locale, { minimumFractionDigits: fraction, maximumFractionDigits: fraction }),
  );
  const sign = language === 'en' ? '%' : '\u202f%';
  const hundredfold = (value: number, like: number) => minus((fixed[digits(like) - 1] ?? numbers).format(value * 100));
  const times = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    return (iso: string) => format.format(new Date(iso));
  };
  const day = times({ day: 'numeric', month: 'short', year: 'numeric' });
  const dateTime = times({
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  const minute = times({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const weekday = times({ weekday: 'short', day: 'numeric', month: 'short' });
  const month = times({ month: 'long', year: 'numeric' });
  const buckets: Record<Grain, (iso: string) => string> = { quarter_hour: minute, hour: minute, day: weekday, week: day, month };
  const lists = new Intl.ListFormat(locale);
  const countries = new Intl.DisplayNames(locale, { type: 'region' });
  const formats = new Map<string, Intl.NumberFormat>();
  const formatted = (value: number, options: Intl.NumberFormatOptions & Record<string, string | number>) => {
    const name = Object.values(options).join(' ');
    const format = formats.get(name) ?? new Intl.NumberFormat(locale, options);
    formats.set(name, format);
    return format.format(value);
  };
  const decimal = (value: number, digits: number) =>
    minus(formatted(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const amount = (value: number, digits: number, currency: string) =>
    minus(formatted(value, { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const measured = (value: number, unit: string) =>
    formatted(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 });
  const duration = (seconds: number) => {
    if (seconds < 90) return measured(seconds, 'second');
    if (seconds < 90 * 60) return measured(seconds / 60, 'minute');
    return seconds < 48 * 3600 ? measured(seconds / 3600, 'hour') : measured(seconds / 86_400, 'day');
  };
  const percent = (value: number) => `${hundredfold(value, value)}${sign}`;
  const figure = (value: number, definition: MetricDefinition | undefined) => {
    const { kind = 'count', unit = '', currency } = definition ?? {};
    if (unit === 'share') return percent(value);
    if (unit === 'seconds') return duration(value);
    const money = unit.includes('currency');
    if (kind === 'count' && !money) return minus(numbers.format(value));
    const digits = kind === 'count' ? (Math.abs(value) < 1_000 ? 2 : 0) : Math.abs(value) < 1 && money ? 4 : 2;
    return currency === undefined ? decimal(value, digits) : amount(value, digits, currency);
  };
  // 1 January 2024 was a Monday.
  const weekdays = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  return {
    language,
    zone,
    t: (key, values) => translate(language, key, values),
    text: (local) => local[language],
    count: (value) => numbers.format(value),
    decimal,
    figure,
    duration,
    weekday: (number) => weekdays.format(new Date(Date.UTC(2024, 0, number))),
    percent,
    interval: (low, high, value) => `${hundredfold(low, value)}${low < 0 ? ' … ' : '–'}${hundredfold(high, value)}${sign}`,
    dateTime,
    day,
    bucket: (iso, grain) => buckets[grain](iso),
    metric: (name, definition) => translateIfKnown(language, `metric.${name}`) ?? definition?.label ?? name,
    meaning: (definition) => definition && ((language === 'fr' && metricsFr[definition.name]) || definition.description),
    dimension: (name) => translateIfKnown(language, `dimension.${name}`) ?? name,
    member: (dimension, id) =>
      translateIfKnown(language, `member.${dimension}.${id}`) ??
      (language === 'fr' && dimension === 'market' ? marketsFr[id] : undefined) ??
      id,
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code),
    list: (items) => lists.format(items),
    labelled: (name, text) => `${name}${language === 'fr' ? '\u202f' : ''}: ${text}`,
  };
}
