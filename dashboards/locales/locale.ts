import { en, type MessageKey } from './en.ts';
import { fr } from './fr.ts';

export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];

const catalogues: Record<Language, Record<MessageKey, string>> = { en, fr };
/** The names the languages give themselves. */
export const languageNames: Record<Language, string> = { en: 'English', fr: 'Français' };

/** A text in every language, as dashboards carry it. */
export type LocalText = Record<Language, string>;

/** True for a language that the pages speak. */
export function isLanguage(value: string | undefined): value is Language {
  return value !== undefined && (languages as readonly string[]).includes(value);
}

/**
 * The language for a reader: the one asked for, else the best of an Accept-Language header (RFC 9110 section 12.5.4), else English.
 */
export function chooseLanguage(asked: string | undefined, acceptLanguage: string | undefined): Language {
  if (isLanguage(asked)) return asked;
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((p) => /^\s*q=([01](?:\.[0-9]{0,3})?)\s*$/.exec(p)?.[1]).find((q) => q !== undefined);
      return { language: tag.slice(0, 2).toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ language, quality }) => isLanguage(language) && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const best = wanted[0]?.language;
  return isLanguage(best) ? best : 'en';
}

const blank = /\{(\w+)(?::([^{|}]*)\|([^{|}]*))?\}/g;

/** What fills the blanks of a message: texts as they are, counts as numbers. */
export type Blanks = Readonly<Record<string, string | number>>;

const numbers = { en: new Intl.NumberFormat('en-GB'), fr: new Intl.NumberFormat('fr-FR') };
const plurals = { en: new Intl.PluralRules('en-GB'), fr: new Intl.PluralRules('fr-FR') };

/**
 * Fills a message: `{name}` with a text, or a number as the language writes it; `{name:day|days}` with the word that goes with the
 * number (CLDR's plural rules: French says "0 jour"). A name without a value stays as it is, so that it is seen.
 */
export function translate(language: Language, key: MessageKey, values: Blanks = {}): string {
  const message = catalogues[language][key];
  return message.replace(blank, (whole, name: string, one: string | undefined, other: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined) return typeof value === 'number' && plurals[language].select(value) === 'one' ? one : other;
    return typeof value === 'number' ? numbers[language].format(value) : value;
  });
}

/** The message for a key that may not exist, e.g. the label of a metric that someone added. */
export function translateIfKnown(language: Language, key: string): string | undefined {
  const catalogue: Record<string, string> = catalogues[language];
  return Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
}
