import { hour, minute } from './emission.ts';
import type { Ids } from './ids.ts';
import type { Message } from './message.ts';
import type { Random } from './random.ts';
import type { Happening } from './tally.ts';

export type Segment = 'new' | 'loyal' | 'dormant' | 'vip' | 'window_shoppers' | 'leads';

/** A person who may be written to, with habits that stay and a state that moves. */
export interface Person {
  /** The sender's own id. */
  contactId: string;
  /** E.164 with "+", as the sender has it; absent when only the user id is known. */
  phone: string | undefined;
  /** The platform's spelling of the number: Brazil may lose a ninth digit, Mexico may gain a 1. */
  waId: string | undefined;
  /** Business-scoped user id. */
  userId: string | undefined;
  country: string;
  language: string;
  timeZone: string;
  /** Local time minus UTC in milliseconds, without daylight saving. */
  zoneOffset: number;
  name: string;
  segment: Segment;
  consented: boolean;
  /** The number is not, or no longer, on WhatsApp. */
  invalid: boolean;
  /** Read receipts are on. */
  receipts: boolean;
  /** In a marketing hold-out of the platform itself: every marketing message fails with 130472. */
  platformHoldout: boolean;
  /** Multiplies all reactions to messages; 1 is average. */
  warmth: number;
  /** When this person opted out of marketing; Infinity while not. */
  optedOutAt: number;
  /** Blocked or reported the business: nothing arrives any more. */
  blocked: boolean;
  /** Whether the platform knows of the opt-out and refuses with 131050. */
  stoppedAtPlatform: boolean;
  /** When the sender's own system knows of the opt-out. */
  optOutKnownAt: number;
  /** The customer service window is open until. */
  windowUntil: number;
  /** The newest messages that have reached or will reach the person, by time of delivery. */
  recent: Message[];
  /** The tally's books: deliveries proven so far and what may be credited to them. */
  delivered: Message[];
  happenings: Happening[];
  touched: boolean;
}

interface Country {
  code: string;
  weight: number;
  dial: string;
  prefixes: readonly [string, ...string[]];
  zone: string;
  offset: number;
  language: string;
  names: readonly [string, ...string[]];
}

/** Mobile numbers: dialling code, one of the prefixes, then seven digits. */
const countries: readonly [Country, ...Country[]] = [
  {
    code: 'IN',
    weight: 30,
    dial: '91',
    prefixes: ['981', '987', '994', '903', '701'],
    zone: 'Asia/Kolkata',
    offset: 5.5,
    language: 'en',
    names: ['Aarav Sharma', 'Diya Patel', 'Ishaan Rao', 'अनन्या सिंह', 'Kabir Nair'],
  },
  {
    code: 'BR',
    weight: 20,
    dial: '55',
    prefixes: ['1199', '2198', '3199', '4198', '8199'],
    zone: 'America/Sao_Paulo',
    offset: -3,
    language: 'pt_BR',
    names: ['João Araújo', 'Luíza Gonçalves', 'Conceição Lima', 'Caio Souza', 'Antônia Melo'],
  },
  {
    code: 'MX',
    weight: 12,
    dial: '52',
    prefixes: ['553', '331', '811'],
    zone: 'America/Mexico_City',
    offset: -6,
    language: 'es_MX',
    names: ['José Muñoz', 'Sofía Núñez', 'Ramón Peña', 'Lucía Ibáñez'],
  },
  {
    code: 'ID',
    weight: 12,
    dial: '62',
    prefixes: ['8121', '8131', '8571'],
    zone: 'Asia/Jakarta',
    offset: 7,
    language: 'id',
    names: ['Budi Santoso', 'Siti Rahma', 'Dewi Lestari'],
  },
  {
    code: 'DE',
    weight: 8,
    dial: '49',
    prefixes: ['1511', '1522', '1573'],
    zone: 'Europe/Berlin',
    offset: 1,
    language: 'de',
    names: ['Jürgen Groß', 'Lena Müller', 'Anja Köhler', 'Max Weiß'],
  },
  {
    code: 'FR',
    weight: 6,
    dial: '33',
    prefixes: ['61', '62', '67'],
    zone: 'Europe/Paris',
    offset: 1,
    language: 'fr',
    names: ['Zoé Lefèvre', 'Noël Garçon', 'Hélène Faÿ'],
  },
  {
    code: 'GB',
    weight: 6,
    dial: '44',
    prefixes: ['740', '750', '771', '791'],
    zone: 'Europe/London',
    offset: 0,
    language: 'en_GB',
    names: ['Oliver Smith', 'Amelia Jones', 'Siân Hughes'],
  },
  {
    code: 'ZA',
    weight: 4,
    dial: '27',
    prefixes: ['82', '83', '72'],
    zone: 'Africa/Johannesburg',
    offset: 2,
    language: 'en',
    names: ['Thabo Nkosi', 'Lerato Dlamini'],
  },
  {
    code: 'US',
    weight: 2,
    dial: '1',
    prefixes: ['212', '310', '415', '617'],
    zone: 'America/New_York',
    offset: -5,
    language: 'en_US',
    names: ['Emma Johnson', 'Liam Brown', 'Zoë Martínez'],
  },
];

const segments: readonly [{ segment: Segment; weight: number }, ...{ segment: Segment; weight: number }[]] = [
  { segment: 'new', weight: 15 },
  { segment: 'loyal', weight: 25 },
  { segment: 'dormant', weight: 22 },
  { segment: 'vip', weight: 8 },
  { segment: 'window_shoppers', weight: 30 },
];

const warmthOf: Record<Segment, number> = { new: 1, loyal: 1.2, dormant: 0.45, vip: 1.6, window_shoppers: 0.8, leads: 0.25 };

/** Makes a person. `index` counts all people of the world and makes the number theirs alone. */
export function makePerson(random: Random, ids: Ids, index: number, wanted?: Segment): Person {
  const country = random.weighted(countries);
  const prefix = random.pick(country.prefixes);
  // 7368787 and 7999999 have no common factor: a different tail for each of the first 7,999,999 people.
  const tail = String(2_000_000 + ((index * 7_368_787) % 7_999_999)).padStart(7, '0');
  const national = prefix + tail;
  const segment = wanted ?? random.weighted(segments).segment;
  const identity = segment === 'leads' ? 1 : random.float();
  const userIdOnly = identity < 0.02;
  return {
    contactId: `${segment === 'leads' ? 'lead' : 'c'}-${index}`,
    phone: userIdOnly ? undefined : `+${country.dial}${national}`,
    waId: userIdOnly ? undefined : platformNumber(random, country.code, country.dial, national),
    userId: identity < 0.1 ? ids.userId(country.code) : undefined,
    country: country.code,
    language: country.language,
    timeZone: country.zone,
    zoneOffset: country.offset * hour,
    name: random.pick(country.names),
    segment,
    consented: segment !== 'leads' && random.chance(0.93),
    invalid: random.chance(segment === 'leads' ? 0.24 : 0.011),
    receipts: random.chance(0.83),
    platformHoldout: random.chance(0.008),
    warmth: warmthOf[segment] * random.lognormal(1, 0.35),
    optedOutAt: Number.POSITIVE_INFINITY,
    blocked: false,
    stoppedAtPlatform: false,
    optOutKnownAt: Number.POSITIVE_INFINITY,
    windowUntil: 0,
    recent: [],
    delivered: [],
    happenings: [],
    touched: false,
  };
}

function platformNumber(random: Random, country: string, dial: string, national: string): string {
  if (country === 'BR' && Number(national.slice(0, 2)) > 28) return dial + national.slice(0, 2) + national.slice(3);
  if (country === 'MX' && random.chance(0.5)) return `${dial}1${national}`;
  return dial + national;
}

/** The hour of the day where the person lives, 0 to 24 with fractions. */
export function localHour(person: Pick<Person, 'zoneOffset'>, at: number): number {
  return ((((at + person.zoneOffset) / hour) % 24) + 24) % 24;
}

/** An instant at which the person is awake: as given, or some time after seven in the morning. */
export function whenAwake(random: Random, person: Pick<Person, 'zoneOffset'>, at: number): number {
  const clock = localHour(person, at);
  if (clock >= 7 && clock < 23) return at;
  const untilSeven = clock >= 23 ? 31 - clock : 7 - clock;
  return at + untilSeven * hour + random.exponential(70 * minute);
}
