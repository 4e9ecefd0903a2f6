import { describe, expect, it } from 'vitest';
import { consentWord, isComplaint } from '../../../ingest/stop-words.ts';

describe('a complaint', () => {
  it.each([
    'Who is this?',
    'SPAM!!!',
    'please leave me alone',
    'How did you get my number',
    'C’est une arnaque',
    'Qui êtes-vous ?',
    'Woher haben Sie meine Nummer?',
    'No me interesa, gracias',
    'Não tenho interesse',
    'кто это?',
  ])('is heard in "%s"', (text) => expect(isComplaint(text)).toBe(true));

  it.each([
    'Where is my order?',
    'spammer-free zone, lovely',
    'I am interested',
    'merci beaucoup',
    '',
    'Bonjour, à quelle heure ?',
  ])('is not heard in "%s"', (text) => expect(isComplaint(text)).toBe(false));

  it('nor in a long letter, nor in no text', () => {
    expect(isComplaint(`who is this ${'and so on '.repeat(20)}`)).toBe(false);
    expect(isComplaint(null)).toBe(false);
  });

  it('is no wish to leave: that takes the whole message to be the word', () => {
    expect(consentWord('stop')).toEqual({ kind: 'opt_out', word: 'stop' });
    expect(consentWord('stop texting me')).toBe(null);
  });
});
