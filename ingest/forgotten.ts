import { type AliasKind, aliasId } from './alias.ts';
import { countryOfPhone } from './country.ts';
import { sha256 } from './hash.ts';

/** One way in which a forgotten person was named, without the name: what is kept tells nobody who it was. */
export interface ForgottenName {
  /** Keyed hash of the alias. */
  mark: string;
  kind: AliasKind;
  /** What the stand-in begins with, so that the country stays: a calling code, or `DE.` of a user id. */
  prefix: string;
  /** The name was the person's in records received from here on (ms since 1970); null: always. Numbers change hands. */
  from: number | null;
  /** … and up to here; null: up to the request. */
  to: number | null;
}

/** One wish to be forgotten. While it is kept, copies of old data (late webhooks, backups) are forgotten alike; then nothing leads back. */
export interface ForgetRequest {
  id: string;
  /** When it was asked for, ms since 1970. */
  at: number;
  /** Random; stand-ins are made from it. Gone with the request, and then nobody can tell which stand-in was whose. */
  salt: string;
  names: ForgottenName[];
  /** When all that is kept was last rewritten for it, ms; null: not yet. */
  swept_at: number | null;
}

/** Feedback on what was sent before the request comes up to this long after it: statuses may be a week late. */
export const feedbackGraceMs = 8 * 86_400_000;

/** A name as it stands in data. */
export type Named = Readonly<{ alias_id: string; kind: string; value: string }>;

/** The hash of an alias under the key of this data folder. */
export function markOf(key: string, alias: string): string {
  return sha256(`${key}\0${alias}`, 22);
}

/** A forgotten name, from the name. */
export function forgottenName(key: string, named: Named, from: number | null, to: number | null): ForgottenName {
  const kind = named.kind as AliasKind;
  return { mark: markOf(key, named.alias_id), kind, prefix: prefixOf(kind, named.value), from, to };
}

/** Who is forgotten, to be asked about the names in a record. Pure, but for its memory of what was asked. */
export class Forgotten {
  private readonly byMark = new Map<string, { request: ForgetRequest; name: ForgottenName }[]>();
  private readonly asked = new Map<string, { request: ForgetRequest; name: ForgottenName }[]>();

  constructor(
    private readonly key: string,
    requests: readonly ForgetRequest[],
  ) {
    for (const request of requests) {
      for (const name of request.names) this.byMark.set(name.mark, [...(this.byMark.get(name.mark) ?? []), { request, name }]);
    }
  }

  get isEmpty(): boolean {
    return this.byMark.size === 0;
  }

  /** The stand-in for a value, if its person is forgotten in records received at this time; else null. */
  standIn(kind: AliasKind, value: string, receivedMs: number): string | null {
    return this.standInOf(aliasId(kind, value), receivedMs);
  }

  /** The same by the alias; the answer is a value. */
  standInOf(alias: string, receivedMs: number): string | null {
    let found = this.asked.get(alias);
    if (found === undefined) {
      if (this.asked.size >= cacheSize) this.asked.clear();
      found = this.byMark.get(markOf(this.key, alias)) ?? [];
      this.asked.set(alias, found);
    }
    const hit = found.find(({ request, name }) => receivedMs >= (name.from ?? 0) && receivedMs < (name.to ?? request.at));
    return hit === undefined ? null : standInValue(hit.name, hit.request.salt, alias);
  }

  /** The alias that stands in for a forgotten one; null when it is not forgotten. */
  aliasInstead(alias: string, receivedMs: number): string | null {
    const value = this.standInOf(alias, receivedMs);
    const kind = kindsByLetter[alias[0] ?? ''];
    return value === null || kind === undefined ? null : aliasId(kind, value);
  }
}

const cacheSize = 200_000;
const kindsByLetter: Readonly<Record<string, AliasKind>> = { c: 'contact', p: 'phone', u: 'user' };

/** Twenty digits: no number in use has more than fifteen (ITU-T E.164), so a stand-in is nobody's. */
const phoneDigits = 20;

function standInValue({ kind, prefix }: ForgottenName, salt: string, alias: string): string {
  const hash = sha256(`${salt}\0${alias}`, 22);
  if (kind === 'phone') return (prefix + digitsOf(`${salt}\0${alias}`, phoneDigits)).slice(0, phoneDigits);
  return kind === 'user' ? `${prefix}forgotten-${hash}` : `forgotten-${hash}`;
}

/** So many digits that follow from a text and from nothing else. */
export function digitsOf(text: string, count: number): string {
  let digits = '';
  for (let round = 0; digits.length < count; round += 1) {
    digits += BigInt(`0x${Buffer.from(sha256(`${round}\0${text}`, 32), 'base64url').toString('hex')}`).toString();
  }
  return digits.slice(0, count);
}

/** The shortest beginning by which a number's country is still told; of a shared calling code up to the area. */
function prefixOf(kind: AliasKind, value: string): string {
  if (kind === 'user') return /^[A-Z]{2}\./.exec(value)?.[0] ?? '';
  if (kind !== 'phone') return '';
  const country = countryOfPhone(value);
  if (country === null) return '';
  for (let length = 1; length < 8; length += 1) {
    const prefix = value.slice(0, length);
    const seen = ['0', '5', '9'].map((fill) => countryOfPhone((prefix + fill.repeat(phoneDigits)).slice(0, phoneDigits)));
    if (seen.every((other) => other === country)) return prefix;
  }
  return value.slice(0, 7);
}
