import { describe, expect, it } from 'vitest';
import { type Cell, localise } from '../../../controller/localise.ts';
import { type Address, isSuspect, scopesOf } from '../../../controller/scope.ts';

/** Messages of a shop, 1000 observed unless said otherwise; 30 % of the bad ones fail, 2 % of the others. Healthy is up to 5 %. */
type Of = Partial<Pick<Address, 'campaign_id' | 'template_name' | 'segment_id' | 'variant_id' | 'market'>>;
const nowhere = { portfolio_id: null, waba_id: null, phone_number_id: '555', template_language: null };
const cell = (of: Of, rate: number, exposure = 1000): Cell => {
  const address = { campaign_id: 'a', template_name: 't', segment_id: 's', variant_id: null, market: null, ...of };
  return { scopes: scopesOf({ ...nowhere, ...address }).filter(isSuspect), events: rate * exposure, exposure };
};
const bad = 0.3;
const good = 0.02;
const named = (cells: Cell[]) => localise(cells, { accept: 0.05 }).guilty.map(({ scope }) => scope);

describe('who is behind it', () => {
  it('nobody, where all is healthy', () => {
    expect(named([cell({}, good), cell({ segment_id: 'all' }, 0.05)])).toEqual([]);
    expect(named([])).toEqual([]);
  });

  it('one bad campaign of two on one number, with all its segments', () => {
    const segments = ['s', 'vip', 'new'];
    const cells = segments.flatMap((segment_id) => [
      cell({ campaign_id: 'a', segment_id }, bad),
      cell({ campaign_id: 'b', segment_id }, good),
    ]);
    expect(named(cells)).toEqual(['campaign:a']);
  });

  it('a bad template that two campaigns share, not the campaigns', () => {
    const cells = ['a', 'b'].flatMap((campaign_id) => [
      cell({ campaign_id, template_name: 'rude' }, bad),
      cell({ campaign_id, template_name: 'kind' }, good),
    ]);
    expect(named(cells)).toEqual(['template:rude']);
  });

  it('a bad segment over all that writes to it', () => {
    const cells = ['a', 'b'].flatMap((campaign_id) => [
      cell({ campaign_id, template_name: `of-${campaign_id}`, segment_id: 'bought' }, bad),
      cell({ campaign_id, template_name: `of-${campaign_id}`, segment_id: 'vip' }, good),
    ]);
    expect(named(cells)).toEqual(['segment:bought']);
  });

  it('a bad market, whose carrier is down, under every campaign', () => {
    const cells = ['a', 'b', 'c'].flatMap((campaign_id) => [
      cell({ campaign_id, market: 'BR' }, bad, 300),
      cell({ campaign_id, market: 'FR' }, good),
    ]);
    expect(named(cells)).toEqual(['market:BR']);
  });

  it('a bad arm alone, also when it has a template of its own', () => {
    const shared = ['s', 'vip'].flatMap((segment_id) => [
      cell({ variant_id: 'one', segment_id }, good),
      cell({ variant_id: 'two', segment_id }, bad),
    ]);
    expect(named(shared)).toEqual(['variant:a/two']);
    const own = [cell({ variant_id: 'one', template_name: 't1' }, good), cell({ variant_id: 'two', template_name: 't2' }, bad)];
    expect(named(own)).toEqual(['variant:a/two']);
  });

  it('two bad ones at once, each by its name', () => {
    const cells = [
      cell({ campaign_id: 'a', segment_id: 'bought' }, bad),
      cell({ campaign_id: 'a', segment_id: 'vip' }, good),
      cell({ campaign_id: 'b', template_name: 'rude', segment_id: 'vip' }, bad),
      cell({ campaign_id: 'b', template_name: 'rude', segment_id: 'new' }, bad),
      cell({ campaign_id: 'b', template_name: 'kind', segment_id: 'new' }, good),
      cell({ campaign_id: 'c', template_name: 'rude', segment_id: 'new' }, bad),
      cell({ campaign_id: 'c', template_name: 'kind', segment_id: 'vip' }, good),
    ];
    expect(named(cells).sort()).toEqual(['stream:a/t/bought', 'template:rude']);
  });
});

describe('when it cannot be told', () => {
  it('the narrowest that has exactly these messages is named, and the others are told as suspects', () => {
    const [found] = localise([cell({}, bad), cell({ campaign_id: 'b', template_name: 'x', segment_id: 'vip' }, good)], {
      accept: 0.05,
    }).guilty;
    expect(found?.scope).toBe('stream:a/t/s');
    expect(found?.suspects).toEqual(['segment:s', 'template:t', 'campaign:a']);
  });

  it('a scope with a few more messages, of which too little is known, stays a suspect too', () => {
    // Two messages of another campaign under the same template say nothing yet.
    const few = cell({ campaign_id: 'b', segment_id: 'vip' }, 0, 2);
    const [found] = localise([cell({}, bad, 100), few], { accept: 0.05 }).guilty;
    expect(found).toMatchObject({ scope: 'stream:a/t/s', events: 30, exposure: 100 });
    expect(found?.suspects).toContain('template:t');
    // A hundred that went well acquit it: 30 of 200 instead of 30 of 100 costs 30 · ln 2 − 5 = 15.8 nats.
    const many = cell({ campaign_id: 'b', segment_id: 'vip' }, 0, 100);
    const [sure] = localise([cell({}, bad, 100), many], { accept: 0.05 }).guilty;
    expect(sure?.suspects).not.toContain('template:t');
  });

  it('its gain is the log-likelihood ratio of its own rate against the accepted one', () => {
    const [found] = localise([cell({}, bad, 100)], { accept: 0.05 }).guilty;
    expect(found?.gain).toBeCloseTo(30 * Math.log(6) - 0.25 * 100, 9);
  });
});
