import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Calling code → the countries that use it, the main one first. */
const countriesOf = new Map<string, string[]>();
for (const country of getCountries()) {
  const code = getCountryCallingCode(country);
  countriesOf.set(code, [...(countriesOf.get(code) ?? []), country]);
}
/** For calling codes that several countries share: the main country, and the length of most numbers without the code. */
const shared: Record<string, { main: string | null; length: number }> = {
  1: { main: null, length: 10 },
  7: { main: 'RU', length: 10 },
  39: { main: 'IT', length: 10 },
  44: { main: 'GB', length: 10 },
  47: { main: 'NO', length: 8 },
  61: { main: 'AU', length: 9 },
  212: { main: 'MA', length: 9 },
  262: { main: 'RE', length: 9 },
  290: { main: 'SH', length: 4 },
  358: { main: 'FI', length: 9 },
  590: { main: 'GP', length: 9 },
  599: { main: 'CW', length: 8 },
};
/** Digits that tell the country behind a shared code: the area code for +1, else up to the seventh. */
const toldBy = (code: string) => (code === '1' ? 4 : 7);
const filler = '234567890123';
const cacheSize = 200_000;
const told = new Map<string, string | null>();

/**
 * The country (ISO 3166-1 alpha-2) of a number in international form, digits only; null when it names none. It follows from the
 * leading digits alone, so that one market is found for a number whatever else is wrong with it. A +1 number belongs to twenty-five
 * countries: without a known area code it has none.
 */
export function countryOfPhone(digits: string): string | null {
  if (digits.length < 5) return null;
  for (let length = 1; length <= 3; length++) {
    const code = digits.slice(0, length);
    const countries = countriesOf.get(code);
    if (countries === undefined) continue;
    return countries.length === 1 ? (countries[0] ?? null) : ofSharedCode(code, digits);
  }
  return null;
}

function ofSharedCode(code: string, digits: string): string | null {
  // Twenty digits: the stand-in for a forgotten number, see forgotten.ts.
  if (code === '1' && digits.length !== 11 && digits.length !== 20) return null;
  const key = digits.slice(0, toldBy(code));
  let country = told.get(key);
  if (country === undefined) {
    if (told.size >= cacheSize) told.clear();
    country = look(code, key);
    told.set(key, country);
  }
  return country;
}

/** Asks the library about a number that begins like this and has a usual length. */
function look(code: string, beginning: string): string | null {
  const { main, length } = shared[code] ?? { main: null, length: 9 };
  const number = parsePhoneNumberFromString(`+${(beginning + filler).slice(0, code.length + length)}`);
  return number?.country ?? main;
}

/** The country that a business-scoped user id begins with (`US.1349…`), or null. */
export function countryOfUser(id: string): string | null {
  return /^[A-Z]{2}\./.test(id) ? id.slice(0, 2) : null;
}
