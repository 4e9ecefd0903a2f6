import { type ErrorFr, errorsFr } from '../../dashboards/locales/errors-fr.ts';
import type { Language } from '../../dashboards/locales/locale.ts';
import type { ErrorCode, SluiceError } from '../../sql/errors.ts';
import { frenchOf } from './french.ts';

/** An error as a page tells it. */
export interface ToldError {
  title: string;
  detail: string | undefined;
  /** The language of the detail: English where no other is known of it, e.g. in the words of a library. */
  detailLanguage: Language;
  mend: string;
}

const french: Readonly<Record<ErrorCode, ErrorFr>> = errorsFr;

/** An error in the reader's language. The API and the log tell all in English. */
export function toldError(
  { code, title, detail, field, mend }: Pick<SluiceError, 'code' | 'title' | 'detail' | 'field' | 'mend'>,
  language: Language,
): ToldError {
  if (language === 'en') return { title, detail, detailLanguage: 'en', mend };
  const told = detail === undefined ? undefined : detailInFrench(detail, field);
  return { ...french[code], detail: told ?? detail, detailLanguage: told === undefined ? 'en' : 'fr' };
}

/** A field that is named before what is wrong with it stays as it is. */
function detailInFrench(detail: string, field: string | undefined): string | undefined {
  if (field === undefined || !detail.startsWith(`${field}: `)) return frenchOf(detail);
  const said = frenchOf(detail.slice(field.length + 2));
  return said === undefined ? undefined : `${field}\u202f: ${said}`;
}
