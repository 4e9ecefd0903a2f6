import { errorCodesFr } from '../../dashboards/locales/error-codes-fr.ts';
import type { Language } from '../../dashboards/locales/locale.ts';
import { readProjectFile } from '../../sql/files.ts';

export const errorClasses = [
  'platform_block',
  'recipient',
  'template',
  'sender',
  'account',
  'transient',
  'content',
  'request',
  'group',
  'unknown',
] as const;
export type ErrorClass = (typeof errorClasses)[number];

interface CodeRange {
  from: number;
  to: number;
  class: ErrorClass;
  meaning: string;
}

/** Reads the seed of error codes: code_from, code_to, class, meaning; the meaning may be quoted. */
export function parseErrorCodes(csv: string): CodeRange[] {
  return csv
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .flatMap((line) => {
      const [, from, to, name, meaning = ''] = /^(\d+),(\d+),(\w+),(.*)$/.exec(line) ?? [];
      const found = errorClasses.find((candidate) => candidate === name);
      if (from === undefined || to === undefined || found === undefined) return [];
      return [
        { from: Number(from), to: Number(to), class: found, meaning: meaning.replace(/^"(.*)"$/, '$1').replaceAll('""', '"') },
      ];
    });
}

let ranges: CodeRange[] | undefined;

/** Class and meaning of a platform error code; the meaning is null where the seed does not list the code. */
export function explainCode(code: number | null, language: Language): { class: ErrorClass; meaning: string | null } {
  ranges ??= parseErrorCodes(readProjectFile('sql/seeds/error_code.csv'));
  const range = code === null ? undefined : ranges.find(({ from, to }) => from <= code && code <= to);
  if (range === undefined) return { class: 'unknown', meaning: null };
  const text = language === 'fr' ? (errorCodesFr[range.from] ?? range.meaning) : range.meaning;
  return { class: range.class, meaning: text.slice(0, 1).toUpperCase() + text.slice(1) };
}
