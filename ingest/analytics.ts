import { instantOf } from './instant.ts';
import { micros } from './money.ts';
import { isObject, type JsonObject, objectOf, text } from './read.ts';
import type { Staged } from './staged.ts';

/** One data point of the platform's own analytics. */
export type Figure = Omit<Staged<'platform_figure'>, 'command_id' | 'told_at' | 'waba_id'>;

/** What stands wrong where, for the one who handed it in. */
export class AnalyticsFault extends Error {}

/**
 * Reads an answer of the Graph API as it came: `pricing_analytics` of a WhatsApp business account or `template_analytics`. Shapes:
 * https://developers.facebook.com/docs/whatsapp/analytics. Half hours are taken, months are not: a card may change within one.
 * @throws AnalyticsFault
 */
export function readAnalytics(answer: unknown): Figure[] {
  const { pricing_analytics: pricing, data } = objectOf(answer);
  const report = pricing === undefined ? 'template' : 'pricing';
  const sets = pricing === undefined ? data : objectOf(pricing)['data'];
  if (!Array.isArray(sets)) {
    throw new AnalyticsFault(
      'is neither an answer of pricing_analytics ({"pricing_analytics": {"data": [...]}}) nor of template_analytics ({"data": [...]})',
    );
  }
  const points = sets.flatMap((set, at) => {
    const list = objectOf(set)['data_points'];
    if (!Array.isArray(list)) throw new AnalyticsFault(`data[${at}].data_points is not a list`);
    return list.map((point, place) => ({ point, where: `data[${at}].data_points[${place}]` }));
  });
  const parts = dimensions.filter((name) => points.some(({ point }) => objectOf(point)[name] !== undefined)).join(',');
  return points.map(({ point, where }, item) => {
    if (!isObject(point)) throw new AnalyticsFault(`${where} is not an object`);
    return { item, report, parts, ...figure(report, point, where) };
  });
}

const dimensions = ['country', 'phone_number', 'pricing_category', 'pricing_type', 'template_id', 'tier'];
const longestMs = 86_400_000n * 1000n + 3_600_000_000n;

function figure(report: 'pricing' | 'template', point: JsonObject, where: string): Omit<Figure, 'item' | 'report' | 'parts'> {
  const [from_at, to_at] = [instantOf(point['start']), instantOf(point['end'])];
  if (from_at === null || to_at === null || to_at <= from_at)
    throw new AnalyticsFault(`${where}: start and end are no times in order`);
  if (to_at - from_at > longestMs) throw new AnalyticsFault(`${where}: is longer than a day; ask for granularity DAILY`);
  const count = (name: string): bigint | null => {
    const value = point[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw new AnalyticsFault(`${where}: ${name} is no count`);
    return BigInt(value);
  };
  const word = (name: string) => text(point[name])?.toLowerCase().replaceAll('-', '_') ?? null;
  const none = {
    country: null,
    phone_number: null,
    category: null,
    pricing_type: null,
    tier: null,
    template_id: null,
    sent: null,
    read: null,
  };
  if (report === 'template') {
    const template_id = text(point['template_id']);
    if (template_id === null) throw new AnalyticsFault(`${where}: template_id is missing`);
    if (typeof point['template_id'] === 'number' && !Number.isSafeInteger(point['template_id'])) {
      throw new AnalyticsFault(`${where}: template_id is a number too long to be exact; it must be text`);
    }
    const costs = Array.isArray(point['cost']) ? point['cost'].map(objectOf) : [];
    const spent = costs.find(({ type }) => type === 'amount_spent')?.['value'];
    const counts = { sent: count('sent'), delivered: count('delivered'), read: count('read') };
    return { ...none, from_at, to_at, template_id, ...counts, cost_micros: money(spent, where) };
  }
  const delivered = count('volume');
  if (delivered === null) throw new AnalyticsFault(`${where}: volume is missing; ask for metric_types VOLUME and COST`);
  return {
    ...none,
    from_at,
    to_at,
    country: text(point['country'])?.toUpperCase() ?? null,
    phone_number: text(point['phone_number'])?.replaceAll(/\D/g, '') ?? null,
    category: word('pricing_category'),
    pricing_type: word('pricing_type'),
    tier: text(point['tier']),
    delivered,
    cost_micros: money(point['cost'], where),
  };
}

/** The platform adds floats up: what lies below a micro-unit is rounded away. */
function money(value: unknown, where: string): bigint | null {
  if (value === undefined || value === null) return null;
  const exact = typeof value === 'number' && Number.isFinite(value) ? micros(value.toFixed(6)) : micros(value);
  if (exact === null) throw new AnalyticsFault(`${where}: cost is no amount`);
  return exact;
}
