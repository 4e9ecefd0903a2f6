import { checkFinite } from './refusal.ts';

export interface Touch {
  id: string;
  user: string;
  /** Unix seconds */
  ts: number;
  campaign: string;
  status: string;
}

export interface Conversion {
  id: string;
  user: string;
  /** Unix seconds */
  ts: number;
  /** Minor units of its currency */
  revenue_minor: number;
}

export interface LastTouch {
  assignments: { conversion: string; touch: string | null; campaign: string | null }[];
  totals: Record<string, { conversions: number; revenue_minor: number }>;
}

/**
 * Each conversion to the latest eligible touch of the same person with 0 <= conversion - touch <= window, both ends included;
 * of two at the same second the greater id, compared as text. The warehouse does the same in SQL; this is its definition.
 */
export function attributionLastTouch({
  touches,
  conversions,
  window_hours,
  eligible_statuses = ['delivered', 'read'],
}: {
  touches: readonly Touch[];
  conversions: readonly Conversion[];
  window_hours: number;
  eligible_statuses?: readonly string[] | undefined;
}): LastTouch {
  checkFinite({ window_hours });
  touches.forEach(({ ts }, index) => {
    checkFinite({ [`touches[${index}].ts`]: ts });
  });
  conversions.forEach(({ ts, revenue_minor }, index) => {
    checkFinite({ [`conversions[${index}].ts`]: ts, [`conversions[${index}].revenue_minor`]: revenue_minor });
  });
  const eligible = new Map<string, Touch[]>();
  for (const touch of touches) {
    if (!eligible_statuses.includes(touch.status)) continue;
    const own = eligible.get(touch.user);
    if (own === undefined) eligible.set(touch.user, [touch]);
    else own.push(touch);
  }
  const totals = new Map<string, { conversions: number; revenue_minor: number }>();
  const assignments = conversions.map(({ id, user, ts, revenue_minor }) => {
    const last = (eligible.get(user) ?? [])
      .filter((touch) => touch.ts <= ts && ts - touch.ts <= window_hours * 3600)
      .reduce<Touch | null>((best, touch) => (best === null || isLater(touch, best) ? touch : best), null);
    if (last !== null) {
      const sums = totals.get(last.campaign) ?? { conversions: 0, revenue_minor: 0 };
      totals.set(last.campaign, {
        conversions: sums.conversions + 1,
        revenue_minor: sums.revenue_minor + revenue_minor,
      });
    }
    return { conversion: id, touch: last?.id ?? null, campaign: last?.campaign ?? null };
  });
  return { assignments, totals: Object.fromEntries(totals) };
}

function isLater(one: Touch, other: Touch): boolean {
  return one.ts > other.ts || (one.ts === other.ts && one.id > other.id);
}
