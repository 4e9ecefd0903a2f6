import { z } from 'zod';
import { grains, type MetricQuery } from '../models/metric-query.ts';
import { isTimeZone, startOfDay } from './zone-time.ts';

const names = z.string().transform((text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
);
/** A "+" in an address stands for a space; a zone written +02:00 without escaping arrives with one. */
const unescapedPlus = (text: string) => text.replace(/ (\d\d:?\d\d)$/, '+$1');
const time = z.string().transform(unescapedPlus);

/** The query string of `GET /v1/metrics` as the description shows it. */
export const metricParams = z
  .strictObject({
    metrics: names
      .refine((list) => list.length > 0, 'names no metric')
      .describe('Metrics by name, comma list; see /v1/metrics/catalog'),
    by: names.default([]).describe('Dimensions to cut by, comma list'),
    grain: z.enum(grains).optional().describe('Adds the column "time", the start of each interval in "zone"'),
    from: time
      .optional()
      .describe('From this on: a day (its start in "zone") or an instant with zone, e.g. 2026-11-21T10:00:00Z'),
    to: time.optional().describe('Up to, not including, this'),
    zone: z.string().default('UTC').refine(isTimeZone, 'is not an IANA time zone, e.g. Europe/Berlin'),
    where: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .transform((given) => [given].flat())
      .describe(
        'Values to keep: dimension:value|value, comma list or repeated; a backslash before , | or \\ takes it as it is. Example: campaign:spring,market:IN|BR',
      ),
    as_of: time
      .optional()
      .describe(
        'What these numbers were then: by the newest snapshot of that day (in "zone") or instant, or before; see /v1/snapshots',
      ),
    limit: z.coerce.number().int().min(1).max(100_000).default(10_000).describe('Most rows to answer'),
  })
  .transform((query, context): MetricQuery & { asOf?: Date } => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const instant = (field: 'from' | 'to' | 'as_of'): Date | undefined => {
      const text = query[field];
      if (text === undefined) return undefined;
      const found = isTimeZone(query.zone) ? readTime(text, query.zone) : null;
      if (found === null) wrong(field, 'is neither a day (2026-11-21) nor an instant with zone (2026-11-21T10:00:00Z)');
      return found ?? undefined;
    };
    const from = instant('from');
    const to = instant('to');
    const asOf = instant('as_of');
    // a day means all of it
    const day = asOf !== undefined && /^\d{4}-\d\d-\d\d$/.test(query.as_of ?? '') ? 86_400_000 - 1 : 0;
    if (from !== undefined && to !== undefined && from >= to) wrong('to', 'is not after from');
    const where: Record<string, string[]> = {};
    for (const condition of query.where.flatMap((text) => splitUnescaped(text, ','))) {
      const colon = condition.indexOf(':');
      if (colon < 1) wrong('where', 'is not written dimension:value|value');
      const name = condition.slice(0, colon).trim();
      if (colon < 1 || name === '__proto__') continue;
      if (Object.hasOwn(where, name)) wrong('where', `names the dimension "${name}" twice; put its values together with |`);
      where[name] = splitUnescaped(condition.slice(colon + 1), '|').map(withoutBackslashes);
    }
    return {
      metrics: query.metrics,
      by: query.by,
      zone: query.zone,
      where,
      limit: query.limit,
      ...(query.grain === undefined ? {} : { grain: query.grain }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(asOf === undefined ? {} : { asOf: new Date(asOf.getTime() + day) }),
    };
  });

function readTime(text: string, zone: string): Date | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return startOfDay(text, zone);
  const instant = z.iso.datetime({ offset: true }).safeParse(text);
  return instant.success ? new Date(instant.data) : null;
}

/** Splits at a separator that no backslash precedes; the backslashes stay for `withoutBackslashes`. */
export function splitUnescaped(text: string, separator: string): string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === separator) parts.push('');
    else if (character === '\\') {
      parts[parts.length - 1] += character + (text[at + 1] ?? '');
      at += 1;
    } else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
