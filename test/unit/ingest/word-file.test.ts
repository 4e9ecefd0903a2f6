import { afterEach, describe, expect, it } from 'vitest';
import { redact } from '../../../ingest/redact.ts';
import { consentWord, isComplaint, noWords, useWords } from '../../../ingest/stop-words.ts';
import { projectWords, readWords } from '../../../ingest/word-file.ts';

const file = `
opt_out:
  sw: [Ácha kutuma, ondoa]
  en: [enough is enough already thank you so much]
opt_in: {sw: [anza]}
complaints: {sw: [nani huyu wewe unayeniandikia kila siku asubuhi]}
leave_out: [Baja]
`;

describe('words of a project', () => {
  afterEach(() => useWords(noWords));

  it('count beside ours, by the same comparison', () => {
    expect([consentWord('acha kutuma'), isComplaint('Nani huyu wewe unayeniandikia kila siku asubuhi?')]).toEqual([null, false]);
    useWords(readWords(file, 'words.yaml'));
    expect(consentWord(' ACHA kutuma!! 🙏')).toEqual({ kind: 'opt_out', word: 'acha kutuma' });
    expect(consentWord('Enough is enough already, thank you so much')?.kind).toBe('opt_out');
    expect(consentWord('anza')).toEqual({ kind: 'opt_in', word: 'anza' });
    expect(isComplaint('Nani huyu wewe unayeniandikia kila siku asubuhi?')).toBe(true);
    expect([consentWord('stop')?.kind, consentWord('start')?.kind, isComplaint('spam')]).toEqual(['opt_out', 'opt_in', true]);
  });

  it('take back words of ours that mean something else to these customers', () => {
    expect(consentWord('baja')?.kind).toBe('opt_out');
    useWords(readWords(file, 'words.yaml'));
    expect(consentWord('baja')).toBeNull();
  });

  it('stay where texts are taken out of records, so that a rebuild counts the same', () => {
    useWords(readWords(file, 'words.yaml'));
    expect(redact({ text: { body: 'Ondoa' } })).toEqual({ text: { body: 'Ondoa' } });
    expect(redact({ text: { body: 'my secret' } })).toEqual({ text: { body: '…' } });
  });

  it('are none without a project or a file', () => {
    expect([projectWords(null), projectWords('/nowhere')]).toEqual([noWords, noWords]);
    expect(readWords('', 'words.yaml')).toEqual(noWords);
  });

  it.each([
    ['opt_out: [stop]', 1, /^opt_out is no list of words for each language/],
    ['opt_out:\n  no: [stopp]\nleave_off: [quit]', 3, /^leave_off is not known here/],
    ['opt_out:\n  en:\n    - 12', 3, /^opt_out\.en\.0 is no text/],
    ['opt_out: {en: ["🙂"]}', 1, /has no letter or number in it/],
    ['opt_out: {en: [leave]}\nopt_in: {en: [Leave!]}', 2, /^"Leave!" cannot mean both/],
    ['opt_out: {en: [leave', 1, /^is not YAML/],
  ])('are refused with the line where something is wrong: %j', (text, line, detail) => {
    expect(() => readWords(text, '/srv/shop/words.yaml')).toThrow(
      expect.objectContaining({
        code: 'project_invalid',
        detail: expect.stringMatching(detail),
        file: '/srv/shop/words.yaml',
        line,
      }),
    );
  });
});
