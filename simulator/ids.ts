import { minute } from './emission.ts';
import type { Random } from './random.ts';

const hex = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const pairs = Array.from({ length: 4096 }, (_, n) => alphabet.charAt(n >> 6) + alphabet.charAt(n & 63));

/** Ids as the platform and a sender make them, from simulated time and seeded randomness. */
export class Ids {
  private events = 0;
  private minuteStart = Number.NaN;
  private minuteText = '';

  constructor(
    private readonly random: Random,
    /** Keeps the ids of two worlds apart. */
    readonly tag: string,
  ) {}

  /** The id of a first-party event. */
  event(): string {
    return `${this.tag}-${(this.events++).toString(36)}`;
  }

  /** A time-ordered UUID (version 7, RFC 9562 section 5.7) of this instant. */
  sendId(at: number): string {
    const high = Math.floor(at / 0x10000);
    const low = Math.floor(at % 0x10000);
    const a = this.random.bits();
    const b = this.random.bits();
    const c = this.random.bits();
    return `${byte(high >>> 24)}${byte(high >>> 16)}${byte(high >>> 8)}${byte(high)}-${byte(low >>> 8)}${byte(low)}-7${byte(a).charAt(0)}${byte(a >>> 8)}-${byte(0x80 | ((a >>> 16) & 0x3f))}${byte(a >>> 24)}-${word(b)}${byte(c)}${byte(c >>> 8)}`;
  }

  /** A message id of the platform. */
  messageId(): string {
    const { random } = this;
    return `wamid.HBgN${four(random.bits())}${four(random.bits())}FQIAERgS${four(random.bits())}${four(random.bits())}${four(random.bits())}AA==`;
  }

  /** A business-scoped user id, e.g. BR.13491208655302741918. */
  userId(country: string): string {
    return `${country}.${1 + this.random.int(9)}${digits(this.random, 9)}${digits(this.random, 9)}`;
  }

  /** This instant as ISO 8601 in UTC with milliseconds. Most instants lie near the one before: the date is kept. */
  iso(at: number): string {
    const start = Math.floor(at / minute) * minute;
    if (start !== this.minuteStart) {
      this.minuteStart = start;
      this.minuteText = new Date(start).toISOString().slice(0, 17);
    }
    const left = at - start;
    const seconds = Math.floor(left / 1000);
    const milliseconds = left - seconds * 1000;
    return `${this.minuteText}${seconds < 10 ? '0' : ''}${seconds}.${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z`;
  }

  /** Lower-case letters and digits. */
  token(): string {
    return this.random.bits().toString(36);
  }
}

function byte(n: number): string {
  return hex[n & 255] as string;
}

function word(n: number): string {
  return byte(n >>> 24) + byte(n >>> 16) + byte(n >>> 8) + byte(n);
}

function four(n: number): string {
  return (pairs[n & 4095] as string) + (pairs[(n >>> 12) & 4095] as string);
}

function digits(random: Random, count: number): string {
  return String(random.int(10 ** count)).padStart(count, '0');
}
