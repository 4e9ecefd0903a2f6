import { describe, expect, it } from 'vitest';
import { shop } from '../../../simulator/account.ts';
import { shopCampaigns } from '../../../simulator/campaign.ts';
import { hour, minute } from '../../../simulator/emission.ts';
import type { Message } from '../../../simulator/message.ts';
import { makePerson } from '../../../simulator/person.ts';
import { Simulation } from '../../../simulator/simulation.ts';
import { Standings } from '../../../simulator/standing.ts';
import { startAt } from './worlds.ts';

type News = { at: number; field: string; value: Record<string, unknown> };

/** A platform's view of the shop, judged every ten minutes from the start on, and what it tells. */
function view(contacts = 20_000) {
  const sim = new Simulation(1, startAt);
  const news: News[] = [];
  const [plan] = shopCampaigns(contacts).filter(({ id }) => id === 'partner-leads');
  if (plan === undefined) throw new Error('the campaign is missing');
  const standings = new Standings(sim, shop, [plan], contacts, (field, value) =>
    news.push({ at: sim.now - startAt, field, value }),
  );
  standings.begin();
  let people = 0;
  const message = (category: Message['category'] = 'marketing'): Message => ({
    sendId: '',
    wamid: '',
    person: makePerson(sim.random, sim.ids, people++),
    plan: category === 'marketing' ? plan : undefined,
    variantId: undefined,
    number: shop.numbers[0],
    category,
    kind: 'template',
    requestedAt: sim.now,
    insideWindow: false,
    reachesAt: sim.now,
    taken: true,
    marks: 0,
    settled: 0,
    deliveredAt: sim.now,
    failedWith: undefined,
    cell: sim.tally.unknown,
  });
  return {
    standings,
    message,
    /** So many messages reach their people, and the first of these are blocked. */
    reach: (delivered: number, blocked: number) => {
      for (let i = 0; i < delivered; i++) {
        const one = message();
        standings.delivered(one);
        if (i < blocked) standings.blocked(one);
      }
    },
    /** Until just after this long from the start. */
    until: (time: number) => {
      sim.advance(startAt + time + 1);
    },
    /** What was told since it was asked last. */
    told: (): ({ at: number; field: string } & Record<string, unknown>)[] =>
      news.splice(0).map(({ at, field, value }) => ({ at, field, ...value })),
  };
}

describe('a template that people block', () => {
  it('is paused when it is RED: 3 hours, then 6, then it is disabled; meanwhile sends are refused', () => {
    const { standings, message, reach, until, told } = view();
    told();
    reach(400, 15); // 3.75 %
    until(10 * minute);
    expect(told()).toMatchObject([
      { field: 'message_template_quality_update', previous_quality_score: 'UNKNOWN', new_quality_score: 'YELLOW' },
    ]);
    expect(standings.refusal(message())).toBeUndefined();
    reach(5, 5); // 20 of 405
    until(20 * minute);
    expect(told()).toMatchObject([
      { at: 20 * minute, field: 'message_template_quality_update', previous_quality_score: 'YELLOW', new_quality_score: 'RED' },
      { field: 'message_template_status_update', event: 'PAUSED', other_info: { title: 'FIRST_PAUSE' } },
    ]);
    expect(standings.refusal(message())).toBe(132015);
    expect(standings.refusal(message('service'))).toBeUndefined();
    until(20 * minute + 3 * hour);
    expect(told()).toMatchObject([{ at: 20 * minute + 3 * hour, event: 'APPROVED', other_info: { title: 'UNPAUSE' } }]);
    expect(standings.refusal(message())).toBeUndefined();
    // It is judged anew: 399 are too few.
    reach(399, 100);
    until(3 * hour + 40 * minute);
    expect(told()).toEqual([]);
    reach(1, 0);
    until(3 * hour + 50 * minute);
    expect(told().map(({ other_info }) => other_info)).toContainEqual({ title: 'SECOND_PAUSE', description: 'Low quality' });
    until(9 * hour + 49 * minute);
    expect(standings.refusal(message())).toBe(132015);
    until(9 * hour + 50 * minute);
    expect(standings.refusal(message())).toBeUndefined();
    reach(500, 100);
    until(10 * hour);
    expect(told().map(({ event }) => event)).toContain('DISABLED');
    expect(standings.refusal(message())).toBe(132016);
    expect(standings.downgrades.filter(({ scope }) => scope === 'template')).toEqual([
      { scope: 'template', id: 'hello_offer', to: 'YELLOW', at: startAt + 10 * minute },
      { scope: 'template', id: 'hello_offer', to: 'RED', at: startAt + 20 * minute },
      { scope: 'template', id: 'hello_offer', to: 'PAUSED', at: startAt + 20 * minute },
      { scope: 'template', id: 'hello_offer', to: 'DISABLED', at: startAt + 10 * hour },
    ]);
    expect(standings.blocks.get('partner-leads')).toBe(15 + 5 + 100 + 100);
  });

  it('takes its number down: flagged when RED, and refused with 131048 for a day when that lasts six hours', () => {
    const { standings, message, reach, until, told } = view();
    reach(1500, 38); // 2.53 %
    until(10 * minute);
    expect(told()).toContainEqual(
      expect.objectContaining({
        field: 'phone_number_quality_update',
        event: 'FLAGGED',
        display_phone_number: '+49 30 5550 1234',
      }),
    );
    until(6 * hour);
    expect(standings.refusal(message('utility'))).toBeUndefined();
    until(6 * hour + 10 * minute);
    expect(standings.refusal(message('utility'))).toBe(131048);
    expect(standings.refusal(message('service'))).toBeUndefined();
    // Good messages thin it out: 2.53 % of 1500 among 3000 is 1.27 %, above 1.2 % but well below RED.
    reach(1500, 0);
    until(7 * hour);
    expect(told().map(({ event }) => event)).toContain('UNFLAGGED');
    until(30 * hour + 9 * minute);
    expect(standings.refusal(message('utility'))).toBe(131048);
    until(30 * hour + 10 * minute);
    expect(standings.refusal(message('utility'))).toBeUndefined();
    expect(standings.downgrades.filter(({ scope }) => scope === 'number')).toEqual([
      { scope: 'number', id: shop.numbers[0].id, to: 'RED', at: startAt + 10 * minute },
      { scope: 'number', id: shop.numbers[0].id, to: 'LIMITED', at: startAt + 6 * hour + 10 * minute },
    ]);
  });
});

describe('the messaging limit', () => {
  it('goes up a level within six hours when half of it is used and all is well', () => {
    const { reach, until, told } = view(1500); // begins at TIER_2K
    expect(told()).toContainEqual(expect.objectContaining({ max_daily_conversations_per_business: 'TIER_2K' }));
    reach(999, 0);
    until(6 * hour);
    expect(told().filter(({ field }) => field === 'business_capability_update')).toEqual([]);
    reach(1, 0);
    until(12 * hour);
    expect(told()).toMatchObject([
      { field: 'business_capability_update', max_daily_conversations_per_business: 'TIER_10K' },
      { field: 'phone_number_quality_update', event: 'UPGRADE', old_limit: 'TIER_2K', current_limit: 'TIER_10K' },
    ]);
  });

  it('stays, with an alert, while the quality of a template is not high', () => {
    const { reach, until, told } = view(1500);
    told();
    reach(1000, 30);
    until(6 * hour);
    const news = told();
    expect(news).toContainEqual(
      expect.objectContaining({
        field: 'account_alerts',
        alert_info: expect.objectContaining({ alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED' }),
      }),
    );
    expect(news.map(({ field }) => field)).not.toContain('business_capability_update');
  });
});
