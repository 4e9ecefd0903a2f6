import { describe, expect, it } from 'vitest';
import { aliasId, phoneAlias } from '../../../ingest/alias.ts';
import { dialledNumber } from '../../../ingest/phone-number.ts';

describe('the one spelling of a phone number', () => {
  it.each([
    ['a Brazilian mobile without its ninth digit', '553199887766', '5531999887766'],
    ['a Brazilian mobile with it', '5531999887766', '5531999887766'],
    ['a Brazilian landline has eight digits', '553133445566', '553133445566'],
    ['a Mexican mobile with the old 1', '5215512345678', '525512345678'],
    ['a Mexican mobile without it', '525512345678', '525512345678'],
    ['a German number that only looks alike', '4955123456789', '4955123456789'],
    ['a number too short to be one', '55319', '55319'],
  ])('%s', (_, given, dialled) => expect(dialledNumber(given)).toBe(dialled));

  it('makes one alias of what the sender and the platform write', () => {
    expect(phoneAlias('553199887766')).toEqual(phoneAlias('+55 (31) 99988-7766'));
    expect(phoneAlias('5215512345678')).toEqual({
      alias_id: aliasId('phone', '525512345678'),
      kind: 'phone',
      value: '525512345678',
      country: 'MX',
    });
    expect(aliasId('phone', '+55 31 9988-7766')).toBe(aliasId('phone', '5531999887766'));
  });
});
