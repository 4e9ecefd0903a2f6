import { describe, expect, it } from 'vitest';
import { parseErrorCodes } from '../../../api/pages/error-codes.ts';
import { makeWords } from '../../../api/pages/words.ts';
import { en } from '../../../dashboards/locales/en.ts';
import { errorCodesFr } from '../../../dashboards/locales/error-codes-fr.ts';
import { fr } from '../../../dashboards/locales/fr.ts';
import { chooseLanguage, translate } from '../../../dashboards/locales/locale.ts';
import { marketsFr } from '../../../dashboards/locales/markets-fr.ts';
import { metricsFr } from '../../../dashboards/locales/metrics-fr.ts';
import { loadCatalog } from '../../../models/catalog.ts';
import { readProjectFile } from '../../../sql/files.ts';

/** The names of the blanks to fill, each once: one language may need a plural where another needs none. */
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)[^}]*\}/g)].map(([, name]) => name))].sort();

describe('the locales', () => {
  it('say the same things with the same blanks to fill', () => {
    expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect([key, placeholders(fr[key])]).toEqual([key, placeholders(en[key])]);
      expect(fr[key].trim()).not.toBe('');
    }
  });

  it('have every error code of the seed in French', () => {
    const missing = parseErrorCodes(readProjectFile('sql/seeds/error_code.csv')).filter(
      ({ from }) => errorCodesFr[from] === undefined,
    );
    expect(missing).toEqual([]);
  });

  it('tell in French what each metric measures, and of none that is no more', () => {
    expect(Object.keys(metricsFr).sort()).toEqual([...loadCatalog().metrics.keys()].sort());
  });

  it('call in French every market of the seed', () => {
    const [, ...rows] = readProjectFile('sql/seeds/country_market.csv').trim().split('\n');
    const markets = new Set(rows.map((row) => row.split(',')[1]));
    expect(Object.keys(marketsFr).sort()).toEqual([...markets].sort());
    expect(makeWords('fr', 'UTC').member('market', 'Germany')).toBe('Allemagne');
    expect(makeWords('en', 'UTC').member('market', 'Germany')).toBe('Germany');
  });

  it('know every class of the seed', () => {
    const rows = readProjectFile('sql/seeds/error_code.csv').trim().split('\n').length - 1;
    expect(parseErrorCodes(readProjectFile('sql/seeds/error_code.csv'))).toHaveLength(rows);
  });

  it('count one and many as each language does: 0 is plural in English and singular in French', () => {
    const said = (language: 'en' | 'fr') => [0, 1, 2, 1234].map((n) => translate(language, 'works.records', { n }));
    expect(said('en')).toEqual(['0 records', '1 record', '2 records', '1,234 records']);
    expect(said('fr')).toEqual(['0 enregistrement', '1 enregistrement', '2 enregistrements', '1\u202f234 enregistrements']);
    const half = { n: '+0,50', size: 0.5 };
    expect([translate('fr', 'compare.points', half), translate('en', 'compare.points', half)]).toEqual([
      '+0,50 point',
      '+0,50 points',
    ]);
  });

  it('have both forms of a word wherever a plural one follows a count', () => {
    const loose = Object.entries({ ...en, ...fr }).filter(([, text]) =>
      /\{(n|points|cohorts|conversion|expected|events)\} (day|row|line|point|record|item|model|span|interval|jour|ligne|enregistrement)s\b/.test(
        text,
      ),
    );
    expect(loose.map(([key]) => key)).toEqual([]);
    const singular = Object.entries(en).filter(
      ([key, text]) => /\{\w+:/.test(text) && !/\{\w+:/.test(fr[key as keyof typeof fr]),
    );
    expect(singular.map(([key]) => key)).toEqual([]);
  });

  it('leave a blank that nobody fills to be seen', () => {
    expect(translate('en', 'fresh.until', {})).toBe('Data up to {time}');
  });
});

describe('the choice of language', () => {
  it('follows what was asked for, else the browser, else English', () => {
    expect(chooseLanguage('fr', 'en')).toBe('fr');
    expect(chooseLanguage('xx', 'fr-CA,fr;q=0.9,en;q=0.8')).toBe('fr');
    expect(chooseLanguage(undefined, 'de, en;q=0.5, fr;q=0.7')).toBe('fr');
    expect(chooseLanguage(undefined, 'fr;q=0, de')).toBe('en');
    expect(chooseLanguage(undefined, undefined)).toBe('en');
  });
});
