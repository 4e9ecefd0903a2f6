/** What can be braked. Scopes overlap rather than nest: the effective limit of a send is the minimum over all that match. */
export const scopeKinds = [
  'portfolio',
  'waba',
  'number',
  'market',
  'template',
  'campaign',
  'variant',
  'segment',
  'stream',
] as const;
export type ScopeKind = (typeof scopeKinds)[number];

/** Kinds that have detectors and can be found guilty, narrowest first: an arm is named before the stream that is all of it. The others stop by the platform's words and by operators. */
export const suspectKinds = ['variant', 'stream', 'segment', 'market', 'template', 'campaign'] as const satisfies ScopeKind[];
export type SuspectKind = (typeof suspectKinds)[number];

/** Whether detectors watch a scope. */
export function isSuspect(scope: ScopeId): boolean {
  return (suspectKinds as readonly string[]).includes(scope.slice(0, scope.indexOf(':')));
}

/** Where a send goes out and what it belongs to; null where nothing was said. */
export interface Address {
  portfolio_id: string | null;
  waba_id: string | null;
  phone_number_id: string | null;
  template_name: string | null;
  template_language: string | null;
  campaign_id: string | null;
  variant_id: string | null;
  segment_id: string | null;
  /** Country of the recipients (ISO 3166-1 alpha-2); absent or null where it was not said. */
  market?: string | null;
}

/** `<kind>:<part>/<part>`, each part URL-encoded, `-` for none: `stream:autumn-sale/autumn_sale/vip`. */
export type ScopeId = string;

const parts = {
  portfolio: ['portfolio_id'],
  waba: ['waba_id'],
  number: ['phone_number_id'],
  market: ['market'],
  template: ['template_name'],
  campaign: ['campaign_id'],
  variant: ['campaign_id', 'variant_id'],
  segment: ['segment_id'],
  stream: ['campaign_id', 'template_name', 'segment_id'],
} as const satisfies Record<ScopeKind, readonly (keyof Address)[]>;

/** The id of a scope from its parts, in the order of the kind. */
export function scopeId(kind: ScopeKind, ...values: readonly (string | null)[]): ScopeId {
  return `${kind}:${values.map((value) => (value === null ? '-' : value === '-' ? '%2D' : encodeURIComponent(value))).join('/')}`;
}

interface ParsedScope {
  kind: ScopeKind;
  values: readonly (string | null)[];
}

/** The same scopes are asked for at every look. Emptied when full. */
const parsed = new Map<string, ParsedScope | null>();
const mostParsed = 20_000;

/** Kind and parts of an id; null for text that is none. */
export function parseScope(id: string): ParsedScope | null {
  const known = parsed.get(id);
  if (known !== undefined) return known;
  if (parsed.size >= mostParsed) parsed.clear();
  const scope = parse(id);
  parsed.set(id, scope);
  return scope;
}

function parse(id: string): ParsedScope | null {
  const colon = id.indexOf(':');
  const kind = scopeKinds.find((known) => known === id.slice(0, colon));
  if (colon < 0 || kind === undefined) return null;
  const values = id.slice(colon + 1).split('/');
  if (values.length !== parts[kind].length || values.some((value) => value === '')) return null;
  try {
    return { kind, values: values.map((value) => (value === '-' ? null : decodeURIComponent(value))) };
  } catch {
    return null;
  }
}

/** Every scope that a send matches, widest first. The stream is always among them; others only where the address names them. */
export function scopesOf(address: Address): ScopeId[] {
  const scopes: ScopeId[] = [];
  for (const kind of scopeKinds) {
    const values = parts[kind].map((part) => address[part] ?? null);
    if (kind === 'stream' || values.every((value) => value !== null)) scopes.push(scopeId(kind, ...values));
  }
  return scopes;
}
