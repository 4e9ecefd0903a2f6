/** Countries with several zones where nearly everybody lives in one. */
const mainZones: Readonly<Record<string, string>> = {
  AR: 'America/Argentina/Buenos_Aires',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CY: 'Asia/Nicosia',
  DE: 'Europe/Berlin',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  KZ: 'Asia/Almaty',
  MN: 'Asia/Ulaanbaatar',
  MY: 'Asia/Kuala_Lumpur',
  NZ: 'Pacific/Auckland',
  PF: 'Pacific/Tahiti',
  PG: 'Pacific/Port_Moresby',
  PS: 'Asia/Gaza',
  PT: 'Europe/Lisbon',
  UA: 'Europe/Kiev',
  UZ: 'Asia/Tashkent',
};

/** An accessor in some runtimes, a method in others. */
type ZonedLocale = Intl.Locale & { timeZones?: string[]; getTimeZones?: () => string[] | undefined };
const known = new Map<string, string | null>();

/** The IANA zone of a country (ISO 3166 alpha-2) when it has one, or one main one; null when its people live in several. */
export function countryZone(country: string): string | null {
  const cached = known.get(country);
  if (cached !== undefined) return cached;
  if (!/^[A-Z]{2}$/.test(country)) return null;
  const locale = new Intl.Locale(`und-${country}`) as ZonedLocale;
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  const zone = mainZones[country] ?? (zones.length === 1 ? (zones[0] ?? null) : null);
  known.set(country, zone);
  return zone;
}
