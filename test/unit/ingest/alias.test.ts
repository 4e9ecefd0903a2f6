import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aliasId, phoneAlias, userAlias } from '../../../ingest/alias.ts';
import { countryOfPhone, countryOfUser } from '../../../ingest/country.ts';

describe('the surrogate of a person', () => {
  it('is a letter and 66 bits of the SHA-256 of kind and value', () => {
    const digest = createHash('sha256').update('phone\0').update('4915112345678').digest('base64url');
    expect(aliasId('phone', '4915112345678')).toBe(`p${digest.slice(0, 11)}`);
    expect(aliasId('phone', '+49 151 1234-5678')).toBe(aliasId('phone', '4915112345678'));
    expect(aliasId('user', 'DE.1')).toMatch(/^u[\w-]{11}$/);
    expect(aliasId('contact', 'DE.1')).toMatch(/^c[\w-]{11}$/);
    expect(aliasId('contact', '4915112345678').slice(1)).not.toBe(aliasId('phone', '4915112345678').slice(1));
  });

  it.each([['PHONE_NUMBER'], ['<PHONE>'], ['1234'], ['+'], [''], [null], [{}], ['123456789012345678901'], ['US.123456']])(
    'is not made of %j in the place of a number',
    (value) => {
      expect(phoneAlias(value)).toBeNull();
    },
  );

  it.each([['<USER_ID>'], [''], [null], [[]], ['two words'], ['[x]'], ['x'.repeat(257)]])(
    'is not made of %j in the place of a user id',
    (value) => {
      expect(userAlias(value)).toBeNull();
    },
  );
});

describe('the country of a person', () => {
  // Calling codes and area codes from the ITU's and NANPA's lists.
  it.each([
    ['4915112345678', 'DE'],
    ['919812345678', 'IN'],
    ['5511987654321', 'BR'],
    ['972987654321', 'IL'],
    ['6281234567890', 'ID'],
    ['9779812345678', 'NP'],
    ['12125550100', 'US'],
    ['14165550100', 'CA'],
    ['17875550100', 'PR'],
    ['18095550100', 'DO'],
    ['18765550100', 'JM'],
    ['79161234567', 'RU'],
    ['77011234567', 'KZ'],
    ['447700900123', 'GB'],
    ['442079460000', 'GB'],
    ['441534123456', 'JE'],
    ['393471234567', 'IT'],
    ['3906698123456', 'VA'],
    ['4790123456', 'NO'],
    ['61412345678', 'AU'],
    ['212612345678', 'MA'],
    ['358401234567', 'FI'],
    ['38349123456', 'XK'],
  ])('of %s is %s', (digits, country) => {
    expect(countryOfPhone(digits)).toBe(country);
  });

  it.each([['15555550100'], ['12345678'], ['1212555010012'], ['1'], [''], ['999123456789'], ['80012345678'], ['0123456789']])(
    'of %j is not guessed',
    (digits) => {
      expect(countryOfPhone(digits)).toBeNull();
    },
  );

  it('with a shared calling code follows from the leading digits, whoever was asked for before', () => {
    for (const tail of ['0', '1', '55', '123456', '999999999']) expect(countryOfPhone(`4477001${tail}`)).toBe('GB');
  });

  it('with a user id is its prefix', () => {
    expect([countryOfUser('US.1349'), countryOfUser('US.ENT.1'), countryOfUser('user.93'), countryOfUser('us.1')]).toEqual([
      'US',
      'US',
      null,
      null,
    ]);
  });
});
