import { sentencesFr } from '../../dashboards/locales/sentences-fr.ts';

/** The French of a sentence that the code writes in English; undefined where none is known. */
export function frenchOf(sentence: string): string | undefined {
  for (const { pattern, fr } of patterns) {
    const blanks = pattern.exec(sentence)?.groups;
    if (blanks !== undefined) return fr.replace(/\{(\w+)\}/g, (whole, name: string) => blanks[name] ?? whole);
  }
  return undefined;
}

const patterns = Object.entries(sentencesFr).map(([en, fr]) => ({ pattern: patternOf(en), fr }));

/** Matches what a template was filled to; the empty group makes `groups` stand for a match without blanks too. */
function patternOf(template: string): RegExp {
  const parts = template.split(/\{(\w+)\}/).map((part, at) => (at % 2 === 0 ? escaped(part) : `(?<${part}>.*)`));
  return new RegExp(`^(?<_>)${parts.join('')}$`, 's');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
