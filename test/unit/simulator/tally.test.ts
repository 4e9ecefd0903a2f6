import { describe, expect, it } from 'vitest';
import { day, type Emission } from '../../../simulator/emission.ts';
import type { TallyReport } from '../../../simulator/tally.ts';
import { recount } from './recount.ts';
import { shortCampaigns, smallWorld, startAt } from './worlds.ts';

const asRows = (report: TallyReport) =>
  Object.fromEntries(
    report.rows
      .map(({ campaign_id, variant_id, ...numbers }) => [`${campaign_id}/${variant_id}`, numbers] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe('the tally', () => {
  it.each([1, 2, 3])('equals a plain recount of everything that was put on the wire, at any moment (seed %i)', (seed) => {
    const world = smallWorld({ seed });
    const out: Emission[] = [];
    for (const until of [0.3, 1, 4.5, 12]) {
      out.push(...world.advance(startAt + until * day));
      expect(asRows(world.tally())).toEqual(recount(out));
    }
  });

  it('stays exact when it lets go of what is long past', () => {
    const cart = shortCampaigns(10).find(({ id }) => id === 'cart-reminder');
    if (cart === undefined) throw new Error('the campaign is missing');
    const world = smallWorld({ contacts: 10, campaigns: [{ ...cart, timing: { kind: 'carts', perThousand: 12_000 } }] });
    const out: Emission[] = [];
    for (let until = 1; until <= 45; until++) {
      out.push(...world.advance(startAt + until * day));
      world.tally();
    }
    const { total } = world.tally();
    expect(total.delivered).toBeGreaterThan(10 * 100);
    expect(total.converted).toBeGreaterThan(60);
    expect(asRows(world.tally())).toEqual(recount(out));
  });

  it('has something to count everywhere', () => {
    const world = smallWorld({ contacts: 2500 });
    world.advance(startAt + 12 * day);
    const { total } = world.tally();
    for (const [name, count] of Object.entries(total)) {
      if (typeof count === 'number') expect(count, name).toBeGreaterThan(0);
    }
    expect(Object.keys(total.failed_by_code)).toEqual(expect.arrayContaining(['130472', '131026', '131049', '132015']));
  });

  it('has no numerator above its denominator, and its total is the sum of its rows', () => {
    const world = smallWorld({ seed: 4 });
    for (let until = 1; until < 10; until++) {
      world.advance(startAt + until * day);
      const { rows, total } = world.tally();
      for (const row of rows) {
        expect(row.attempted).toBeGreaterThanOrEqual(row.delivered);
        expect(row.sent).toBeGreaterThanOrEqual(row.delivered);
        for (const part of ['read', 'clicked', 'replied', 'unsubscribed', 'converted'] as const) {
          expect(row.delivered).toBeGreaterThanOrEqual(row[part]);
        }
        expect(Object.values(row.failed_by_code).reduce((a, b) => a + b, 0)).toBe(row.failed);
      }
      expect(rows.reduce((sum, row) => sum + row.delivered, 0)).toBe(total.delivered);
      expect(rows.reduce((sum, row) => sum + row.converted, 0)).toBe(total.converted);
    }
  });

  it('shows the bought list for what it is', () => {
    const world = smallWorld({ contacts: 2000, seed: 5 });
    // Later on the platform limits the number, and the good campaigns suffer too.
    world.advance(startAt + 3.6 * day);
    const { rows } = world.tally();
    const bought = rows.find((row) => row.campaign_id === 'partner-leads');
    const own = rows.find((row) => row.campaign_id === 'weekly-news');
    if (bought === undefined || own === undefined) throw new Error('a campaign is missing');
    expect(bought.delivered / bought.attempted).toBeLessThan(0.75);
    expect(own.delivered / own.attempted).toBeGreaterThan(0.88);
    expect(bought.read / bought.delivered).toBeLessThan(0.25);
    expect(own.read / own.delivered).toBeGreaterThan(0.4);
    expect(bought.unsubscribed / bought.delivered).toBeGreaterThan(3 * (own.unsubscribed / own.delivered));
    expect((bought.failed_by_code['131026'] ?? 0) / bought.requested).toBeGreaterThan(0.1);
    // 0.76 have a number that exists, and 0.03 of those get no more marketing: 0.023.
    expect((bought.failed_by_code['131049'] ?? 0) / bought.requested).toBeGreaterThan(0.01);
  });
});
