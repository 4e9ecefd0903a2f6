import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frenchOf } from '../../../api/pages/french.ts';
import { toldError } from '../../../api/pages/told-error.ts';
import { errorsFr } from '../../../dashboards/locales/errors-fr.ts';
import { sentencesFr } from '../../../dashboards/locales/sentences-fr.ts';
import { errorCatalogue, SluiceError } from '../../../sql/errors.ts';
import { projectRoot } from '../../../sql/files.ts';
import { trackedFiles } from '../tracked-files.ts';

const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
/** The texts of the code, with `{}` where it fills something in. */
const written = (paths: readonly string[]) =>
  paths.map((path) => readFileSync(join(projectRoot, path), 'utf8').replaceAll(/\$\{[^}]*\}/g, '{}')).join('\n');

describe('the errors in French', () => {
  it('are those of the catalogue, each with a title and what to do of its own', () => {
    expect(Object.keys(errorsFr).sort()).toEqual(Object.keys(errorCatalogue).sort());
    for (const [code, { title, mend }] of Object.entries(errorsFr)) {
      const english = Object.entries(errorCatalogue).find(([name]) => name === code)?.[1];
      expect([code, title, mend]).not.toEqual([code, english?.title, english?.mend]);
      expect(Math.min(title.length, mend.length)).toBeGreaterThan(3);
    }
  });

  it('translate sentences that the code still writes, with the same blanks', () => {
    const code = written(trackedFiles(/^(api|models|controller)\/.*\.tsx?$/));
    const gone = Object.keys(sentencesFr).filter((english) => !code.includes(english.replaceAll(/\{\w+\}/g, '{}')));
    expect(gone).toEqual([]);
    for (const [english, french] of Object.entries(sentencesFr))
      expect([english, blanks(french)]).toEqual([english, blanks(english)]);
  });

  it('know every detail that the pages themselves give', () => {
    const pages = written(trackedFiles(/^api\/(pages\/.*|auth|token-guard|override-wish|control-known|base-app)\.tsx?$/));
    const details = [...pages.matchAll(/(?:detail: |unknown\()(['`])(.*?)\1/g)].map(([, , text]) => text ?? '');
    const known = new Set(Object.keys(sentencesFr).map((english) => english.replaceAll(/\{\w+\}/g, '{}')));
    // What stands in a file of the reader's own is told by file and line, in the words of the checks.
    const ofFiles = /^\{\}:\{\}: \{\}$|^panel \{\} gave nothing$|^\{\}: |well-formed HTTP/;
    const unknown = details.filter((text) => !ofFiles.test(text) && !known.has(text) && !known.has(text.replace(/^\w+: /, '')));
    expect(details.length).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });
});

describe('an error on a page', () => {
  const nobody = new SluiceError('not_found', { detail: 'no campaign "x (1)" is registered or seen in messages' });

  it('is told in the language of the page: what, in which case, and what to do', () => {
    expect(toldError(nobody, 'fr')).toEqual({
      title: 'Il n’y a rien ici',
      detail: 'aucune campagne « x (1) » n’est enregistrée ni vue dans les messages',
      detailLanguage: 'fr',
      mend: 'Vérifiez l’adresse ; /openapi.json liste tout ce qui existe.',
    });
    expect(toldError(nobody, 'en')).toMatchObject({ title: nobody.title, detail: nobody.detail, mend: nobody.mend });
  });

  it('keeps the name of the field that is wrong', () => {
    const late = new SluiceError('input_invalid', { detail: 'until: is past already', field: 'until' });
    expect(toldError(late, 'fr').detail).toBe('until\u202f: est déjà passé');
  });

  it('says in English, and marks as English, what it knows no French of', () => {
    const strange = new SluiceError('dashboard_invalid', { detail: 'mine.yaml:3: colour is not known' });
    expect(toldError(strange, 'fr')).toMatchObject({ detail: strange.detail, detailLanguage: 'en' });
    expect(frenchOf('a rebuild is under way, or not')).toBeUndefined();
  });
});
