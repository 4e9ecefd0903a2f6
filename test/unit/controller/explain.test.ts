import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../controller/explain.ts';
import { reasonsEn } from '../../../controller/reasons-en.ts';
import { reasonsFr } from '../../../controller/reasons-fr.ts';
import { projectRoot } from '../../../sql/files.ts';
import { hour, noon } from './control-counts.ts';

const said = (code: string, numbers: Record<string, number | string> = {}, until: number | null = null) => ({
  at: noon,
  policy_mode: 'enforce' as const,
  reason: { code, numbers },
  until,
});
const alarm = { signal: 'undeliverable', events: 38, exposure: 121.4, accept: 0.05, reject: 0.15, window: 150, to: 75 };

describe('the sentence', () => {
  it('says what was seen, how it compares, and until when', () => {
    expect(explain(said('alarm_paused', alarm, noon + hour))).toBe(
      'Paused until 13:00 UTC: 38 of 121 messages could not be delivered (31.3%; healthy is up to 5.0%). A small probe follows.',
    );
    expect(explain(said('alarm_throttled', alarm), 'fr')).toBe(
      'Ralenti à 75 messages en vol : 38 messages sur 121 n’ont pas pu être remis (31,3\u202f% ; sain jusqu’à 5,0\u202f%).',
    );
  });

  it('writes thousands as the language does', () => {
    expect(explain(said('steady', { window: 2000, unobserved: 1234 }))).toContain('2,000 messages');
    expect(explain(said('steady', { window: 2000, unobserved: 1234 }), 'fr')).toMatch(/2\u202f000 messages.*1\u202f234/);
  });

  it('speaks of one message as of one', () => {
    expect(explain(said('steady', { window: 150, unobserved: 1 }))).toBe('All is well: 150 messages may be out (1 is).');
    expect(explain(said('steady', { window: 150, unobserved: 1 }), 'fr')).toBe(
      'Tout va bien : 150 messages peuvent être en vol (1 l’est).',
    );
    expect(explain(said('probing', { window: 1 }))).toBe('Waiting for the feedback of a probe of 1 message.');
    const single = { ...alarm, signal: 'opt_out', events: 1, exposure: 0.4 };
    expect(explain(said('shortfall_throttled', single))).toContain(': 1 of 1 recipient opted out.');
    expect(explain(said('shortfall_throttled', { ...single, exposure: 40 }), 'fr')).toContain(
      ' : 1 destinataire sur 40 s’est désinscrit.',
    );
  });

  it('names the day when it is another one, and says when nobody knows', () => {
    expect(explain(said('waiting', {}, noon + 24 * hour))).toContain('until 2026-11-27 12:00 UTC');
    expect(explain(said('platform_stop', { word: 'template_paused' }))).toBe(
      'Stopped by the platform until further notice: it paused the template.',
    );
  });

  it('never says that more messages failed than there were, however early the failures came', () => {
    expect(explain(said('alarm_paused', { ...alarm, events: 9, exposure: 4.2 }, noon))).toContain('9 of 9 messages');
  });

  it('names the scope that is to blame by its parts', () => {
    expect(explain(said('suspected', { guilty: 'stream:spring%20sale/hello/-' }))).toContain('stopped spring sale · hello · –.');
  });

  it('quotes the operator as he wrote it', () => {
    expect(explain(said('operator_pause', { actor: 'ops', why: 'prices are {wrong}' }, noon + hour))).toBe(
      'Stopped by ops until 13:00 UTC: prices are {wrong}.',
    );
  });

  it('shows words and reasons that it does not know as they are', () => {
    expect(explain(said('platform_stop', { word: 'brand_new' }))).toContain('brand_new');
    expect(explain(said('brand_new'))).toBe('Reason: brand_new.');
  });

  it('says first that a shadow refuses nothing', () => {
    expect(explain({ ...said('no_window'), policy_mode: 'shadow' })).toBe('Shadow mode, nothing is refused. All is well.');
  });

  it('survives times that are none', () => {
    expect(explain(said('waiting', {}, Number.NaN))).toContain('until ?');
  });
});

describe('the two languages', () => {
  it('have the same reasons with the same numbers, signals and codes', () => {
    const holes = (template: string) => [...template.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
    for (const part of ['reasons', 'signals', 'codes'] as const) {
      expect(Object.keys(reasonsFr[part])).toEqual(Object.keys(reasonsEn[part]));
      for (const [code, template] of Object.entries(reasonsEn[part])) {
        expect([code, holes(reasonsFr[part][code] ?? '')]).toEqual([code, holes(template)]);
      }
    }
  });

  it('have a sentence for every code that the rules give', () => {
    const rules = ['decide.ts', 'brakes.ts'].map((file) => readFileSync(join(projectRoot, 'controller', file), 'utf8')).join();
    const given = [...rules.matchAll(/code: '(\w+)'|\? '(\w+)' : '(\w+)'/g)].flatMap(([, ...codes]) =>
      codes.filter((code) => code !== undefined),
    );
    expect(given.length).toBeGreaterThan(20);
    const actions = ['resume'];
    expect(given.filter((code) => !actions.includes(code) && reasonsEn.reasons[code] === undefined)).toEqual([]);
    expect(['throttled', 'recovering'].every((mode) => mode in reasonsEn.reasons)).toBe(true);
  });
});
