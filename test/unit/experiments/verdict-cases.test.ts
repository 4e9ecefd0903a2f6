import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { segmentLift } from '../../../models/experiments/segment-lift.ts';
import { verdict } from '../../../models/experiments/verdict.ts';
import { projectRoot } from '../../../sql/files.ts';
import { casesNow, verdictCases } from '../../verdict-cases.ts';

/** The page is what a reader trusts: each of its sentences is compared with what the verdict says. */
const page = readFileSync(join(projectRoot, 'docs/verdict-cases.md'), 'utf8');

describe('the twelve cases', () => {
  it('are twelve, in the order of the page', () => {
    expect(verdictCases).toHaveLength(12);
    expect([...page.matchAll(/^## \d+\. (.*)$/gm)].map(([, title]) => title)).toEqual(verdictCases.map(({ title }) => title));
  });

  it.each(verdictCases.map((one) => [one.title, one] as const))('%s', (title, one) => {
    const said = verdict(one.design, one.evidence, casesNow);
    expect({ state: said.state, arm: said.arm }).toEqual({ state: one.state, arm: one.arm });
    const lift = one.segments && segmentLift(one.design, 'conversion', one.segments.cells, one.segments.money);
    if (one.segments !== undefined) {
      expect(lift?.segments.filter(({ selection }) => selection).map(({ segment }) => segment)).toContain(one.segments.selected);
    }
    const sentence = lift?.sentence ?? said.sentence;
    const section = page.split(/^## \d+\. /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
    for (const text of [one.facts, sentence.en, sentence.fr, one.reason]) expect(section).toContain(text);
  });
});
