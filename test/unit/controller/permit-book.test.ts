import { describe, expect, it } from 'vitest';
import { addressOf, bookOf, limitsOf, listOf, personOf, policyWith, requestOf, scopeLimit } from '../../permit-books.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');
const stream = 'stream:c1/t1/-';

describe('grants by count', () => {
  it('a new stream starts small, and says which scope bound it', () => {
    const { answer } = bookOf().grant(requestOf({ count: 400 }), null, noon);
    expect(answer).toMatchObject({
      permit_id: 'p1',
      granted: 250,
      denied: [],
      scope: stream,
      state: 'open',
      retry_after_ms: null,
    });
    expect(answer.expires_at).toBe(noon + 60_000);
    expect(answer.reason).toContain('250 may be out without feedback');
  });

  it('what is out and what is under permits is not given again', () => {
    const limits = limitsOf({ scopes: new Map([[stream, scopeLimit({ limit: 500, unobserved: 120.4 })]]) });
    const book = bookOf({ limits });
    expect(book.grant(requestOf({ count: 200 }), null, noon).granted).toBe(200);
    // 500 - 120.4 - 200 = 179.6
    expect(book.grant(requestOf({ count: 200 }), null, noon).granted).toBe(179);
    expect(book.grant(requestOf({ count: 200 }), null, noon).granted).toBe(0);
    expect(book.outstanding(stream)).toBe(379);
  });

  it('takes the smallest room of all scopes', () => {
    const scopes = new Map([
      [stream, scopeLimit({ limit: 500 })],
      ['segment:vip', scopeLimit({ limit: 30, state: 'throttled', reason: 'an operator' })],
      ['campaign:c1', scopeLimit({ limit: 90 })],
    ]);
    const book = bookOf({ limits: limitsOf({ scopes }) });
    const vip = addressOf({ segment_id: 'vip', campaign_id: 'c2' });
    expect(book.grant(requestOf({ address: vip }), null, noon).answer).toMatchObject({
      granted: 30,
      scope: 'segment:vip',
      state: 'throttled',
    });
    expect(book.grant(requestOf(), null, noon).answer).toMatchObject({ granted: 90, scope: 'campaign:c1' });
  });

  it('a stopped scope says why and until when', () => {
    const stopped = scopeLimit({ limit: 0, state: 'stopped', reason: 'the platform paused the template', until: noon + 7000 });
    const book = bookOf({ limits: limitsOf({ scopes: new Map([['template:t1', stopped]]) }) });
    expect(book.grant(requestOf(), null, noon).answer).toMatchObject({
      granted: 0,
      scope: 'template:t1',
      state: 'stopped',
      reason: 'the platform paused the template',
      retry_after_ms: 7000,
    });
    expect(book.leaseCount).toBe(0);
  });

  it('nothing is granted before there are limits', async () => {
    const { PermitBook } = await import('../../../controller/permit-book.ts');
    const { emptyBooks } = await import('../../permit-books.ts');
    const book = new PermitBook({ policyOf: () => policyWith(), books: emptyBooks, newId: () => 'p' });
    expect(book.ready).toBe(false);
    expect(() => book.grant(requestOf(), null, noon)).toThrow(expect.objectContaining({ code: 'control_starting' }));
  });

  it('a lease is given no more than its number can send until it ends', () => {
    const wide = new Map([stream, 'campaign:c1'].map((id) => [id, scopeLimit({ limit: 100_000 })]));
    const book = bookOf({ limits: limitsOf({ scopes: wide }) });
    // 80 a second for 10 seconds
    expect(book.grant(requestOf({ count: 5000, lease_seconds: 10 }), null, noon).granted).toBe(800);
    const { answer } = book.grant(requestOf({ count: 5000, lease_seconds: 10 }), null, noon);
    expect(answer).toMatchObject({ granted: 0, scope: 'number:n1', state: 'paced', retry_after_ms: 1000 });
    expect(book.grant(requestOf({ count: 5000, lease_seconds: 10 }), null, noon + 1000).granted).toBe(80);
    // another number has its own pace
    const other = addressOf({ phone_number_id: 'n2' });
    expect(book.grant(requestOf({ count: 5000, lease_seconds: 10, address: other }), null, noon + 1000).granted).toBe(800);
  });

  it('a pace of less than one a lease gives one whenever its turn has come', () => {
    const slow = new Map([['campaign:c1', scopeLimit({ limit: 1000, per_second: 0.01 })]]);
    const book = bookOf({ limits: limitsOf({ scopes: slow }) });
    const asked = [0, 1, 99, 100, 150, 200].map((s) => book.grant(requestOf({ count: 5 }), null, noon + s * 1000).granted);
    expect(asked).toEqual([1, 0, 0, 1, 0, 1]);
  });

  it('the policy caps the lease', () => {
    const book = bookOf({ policy: policyWith({ lease: { seconds: 30, most_seconds: 90 } }) });
    const ends = [null, 5, 500].map((lease_seconds) => book.grant(requestOf({ count: 1, lease_seconds }), null, noon).expires_at);
    expect(ends).toEqual([noon + 30_000, noon + 5000, noon + 90_000]);
  });
});

describe('the ledger of people', () => {
  const accounts = new Map([
    ['n1', { waba_id: 'w1', portfolio_id: 'f1' }],
    ['n2', { waba_id: 'w2', portfolio_id: 'f1' }],
  ]);
  const scopes = new Map(['stream:c1/t1/-', 'campaign:c1'].map((id) => [id, scopeLimit({ limit: 100_000 })]));
  // 1000 people, 5 % kept back, 800 written to: 150 more
  const limits = limitsOf({ accounts, scopes, ledgers: new Map([['f1', { people: 800, limit: 1000 }]]) });

  it('is shared by all numbers of a portfolio, and each right may be a new person', () => {
    const book = bookOf({ limits });
    const first = book.grant(requestOf({ count: 100 }), null, noon);
    expect(first.address).toMatchObject({ waba_id: 'w1', portfolio_id: 'f1' });
    const { answer } = book.grant(requestOf({ count: 100, address: addressOf({ phone_number_id: 'n2' }) }), null, noon);
    expect(answer).toMatchObject({ granted: 50, scope: 'portfolio:f1', state: 'ledger_full' });
    expect(answer.reason).toContain('1000 people in 24 h');
  });

  it('leaves what marketing may not take to codes and orders', () => {
    const full = limitsOf({ ...limits, ledgers: new Map([['f1', { people: 940, limit: 1000 }]]) });
    expect(bookOf({ limits: full }).grant(requestOf({ count: 100 }), null, noon).granted).toBe(10); // 950 − 940
    expect(bookOf({ limits: full }).grant(requestOf({ count: 100, category: 'utility' }), null, noon).granted).toBe(60); // 1000 − 940
  });

  it('does not bind service messages', () => {
    expect(bookOf({ limits }).grant(requestOf({ count: 400, category: 'service' }), null, noon).granted).toBe(400);
  });

  it('people of a list who were counted already, or whose window is open, count nothing', () => {
    const counted = personOf('counted', { last_message_at: noon - 3_600_000, last_marketing_at: null });
    const open = personOf('open', { window_until: noon + 3_600_000 });
    const closing = personOf('closing', { window_until: noon + 30_000 });
    const full = limitsOf({ ...limits, ledgers: new Map([['f1', { people: 949, limit: 1000 }]]) });
    const list = listOf(personOf('one'), personOf('two'), counted, open, closing);
    const grant = bookOf({ limits: full }).grant(requestOf(list), list.people, noon);
    expect(grant.people).toEqual(['one', 'counted', 'open']);
    expect(grant.answer.denied).toEqual([
      { contact_id: 'two', reason: 'no_room' },
      { contact_id: 'closing', reason: 'no_room' },
    ]);
    expect(grant.answer).toMatchObject({ scope: 'portfolio:f1', state: 'ledger_full' });
  });

  it('goes by the policy when neither platform nor registry says a limit', () => {
    const unsaid = limitsOf({ accounts, scopes, ledgers: new Map([['f1', { people: 90, limit: null }]]) });
    const policy = policyWith({ messaging_limit: 250, limit_headroom: 0 });
    expect(bookOf({ limits: unsaid, policy }).grant(requestOf({ count: 1000 }), null, noon).granted).toBe(160);
    expect(bookOf({ limits: unsaid }).grant(requestOf({ count: 1000 }), null, noon).granted).toBe(1000);
  });
});

describe('a lease', () => {
  const seen = (parts: object) => limitsOf({ scopes: new Map([[stream, scopeLimit({ limit: 250, ...parts })]]) });

  it('counts until counts have come that are complete to ten seconds after its end', () => {
    const book = bookOf();
    const grant = book.grant(requestOf({ count: 100 }), null, noon);
    const as_of = grant.expires_at + 60_000;
    const outAfter = (complete_to: number | null) => {
      book.setLimits(limitsOf({ as_of, complete_to }), as_of);
      return book.outstanding(stream);
    };
    expect(outAfter(grant.expires_at + 9_999)).toBe(100);
    expect(outAfter(null)).toBe(100);
    expect(outAfter(grant.expires_at + 10_000)).toBe(0);
  });

  it('what was sent under it counts once: as out, no longer as leased', () => {
    const book = bookOf();
    const { permit_id } = book.grant(requestOf({ count: 100 }), null, noon);
    book.setLimits({ ...seen({ unobserved: 60 }), as_of: noon + 1000, used: new Map([[permit_id, 60]]) }, noon + 1000);
    expect(book.outstanding(stream)).toBe(40);
    // 250 - 60 - 40
    expect(book.grant(requestOf({ count: 400 }), null, noon + 1000).granted).toBe(150);
  });

  it('gives back at most what is left, once, and nothing when it is over', () => {
    const book = bookOf();
    const { permit_id } = book.grant(requestOf({ count: 100 }), null, noon);
    book.setLimits({ ...seen({ unobserved: 30 }), as_of: noon + 1000, used: new Map([[permit_id, 30]]) }, noon + 1000);
    expect(book.giveBack(permit_id, 20, noon + 2000)).toBe(20);
    expect(book.giveBack(permit_id, 20, noon + 2000)).toBe(0);
    expect(book.giveBack(permit_id, 1000, noon + 2000)).toBe(50);
    expect(book.outstanding(stream)).toBe(0);
    const other = book.grant(requestOf({ count: 10 }), null, noon + 2000);
    expect(book.giveBack(other.permit_id, 10, other.expires_at)).toBe(0);
    expect(book.giveBack('nobody knows it', 10, noon)).toBe(0);
    expect(book.counters).toMatchObject({ requests: 2, granted: 110, returned: 70 });
  });

  it('that did not become durable leaves nothing behind but its sending time', () => {
    const book = bookOf();
    const request = requestOf({ count: 150 });
    book.cancel(book.grant(request, null, noon).permit_id);
    expect(book.outstanding(stream)).toBe(0);
    expect(book.grant(request, null, noon)).toMatchObject({ permit_id: 'p2', granted: 150 });
  });
});

describe('the same request', () => {
  it('gets the same answer for a day, and its id serves no other', () => {
    const book = bookOf();
    const request = requestOf({ count: 100 });
    const first = book.grant(request, null, noon);
    expect(book.grant(request, null, noon + 86_399_999)).toBe(first);
    expect(book.outstanding(stream)).toBe(100);
    expect(() => book.grant({ ...request, count: 99 }, null, noon)).toThrow(
      expect.objectContaining({ code: 'request_id_reused' }),
    );
    expect(book.grant(request, null, noon + 86_400_000).permit_id).toBe('p2');
  });

  it('also after a restart in the market that it is for, said or meant', () => {
    const scopes = new Map([['market:FR', scopeLimit({ limit: 100 })]]);
    const limits = limitsOf({ scopes, markets: new Map([[stream, ['market:FR']]]) });
    const first = bookOf({ limits });
    const address = addressOf({ market: 'FR' });
    const said = first.grant(requestOf({ address, count: 40 }), null, noon);
    const meant = first.grant(requestOf({ count: 25 }), null, noon);
    expect(first.outstanding('market:FR')).toBe(65);
    const book = bookOf({ limits, books: { grants: JSON.parse(JSON.stringify([said, meant])) }, first: 10 });
    expect(book.outstanding('market:FR')).toBe(65);
    expect(book.grant(requestOf({ address, count: 40 }), null, noon + 60_000).granted).toBe(35);
  });

  it('also after a restart, which gives no more room than there was', () => {
    const first = bookOf();
    const request = requestOf({ count: 100 });
    const grant = first.grant(request, null, noon);
    first.giveBack(grant.permit_id, 40, noon);
    const kept = JSON.parse(JSON.stringify(grant));
    const book = bookOf({ books: { grants: [kept], returned: [{ permit_id: grant.permit_id, count: 40 }] }, first: 10 });
    expect(book.grant(request, null, noon).answer).toEqual(grant.answer);
    expect(() => book.grant({ ...request, category: 'utility' }, null, noon)).toThrow();
    expect(book.outstanding(stream)).toBe(60);
    expect(book.giveBack(grant.permit_id, 100, noon)).toBe(60);
  });
});

describe('in shadow', () => {
  it('everything is granted, and the answer says what would have been', () => {
    const book = bookOf({ policy: policyWith({ mode: 'shadow' }) });
    expect(book.grant(requestOf({ count: 9000 }), null, noon)).toMatchObject({
      granted: 9000,
      shadow: true,
      answer: { scope: stream, granted: 9000 },
    });
    const list = listOf(personOf('a', { consent: null }), personOf('b'));
    const { granted, people, answer } = book.grant(requestOf(list), list.people, noon);
    expect([granted, people, answer.denied]).toEqual([
      2,
      ['a', 'b'],
      [
        { contact_id: 'a', reason: 'no_consent' },
        { contact_id: 'b', reason: 'no_room' },
      ],
    ]);
  });

  it('a decision in shadow binds nobody', () => {
    const scopes = new Map([['template:t1', scopeLimit({ limit: 0, shadow: true })]]);
    expect(bookOf({ limits: limitsOf({ scopes }) }).grant(requestOf({ count: 100 }), null, noon).granted).toBe(100);
  });
});

describe('lists', () => {
  it('two interleaved lists never both get one person', () => {
    const book = bookOf();
    const [one, two] = [listOf(personOf('a'), personOf('b')), listOf(personOf('b'), personOf('c'), personOf('c'))];
    expect(book.grant(requestOf(one), one.people, noon).people).toEqual(['a', 'b']);
    const { people, answer } = book.grant(requestOf(two), two.people, noon + 1000);
    expect(people).toEqual(['c']);
    expect(answer.denied).toEqual([
      { contact_id: 'b', reason: 'frequency_cap' },
      { contact_id: 'c', reason: 'duplicate' },
    ]);
  });

  it('also after a restart, and after the lease ended with rights that were never seen', () => {
    const list = listOf(personOf('a'));
    const grant = bookOf().grant(requestOf(list), list.people, noon);
    const book = bookOf({ books: { grants: [grant] } });
    const later = grant.expires_at + 3_600_000;
    book.setLimits(limitsOf({ as_of: later }), later);
    expect(book.leaseCount).toBe(0);
    expect(book.grant(requestOf(list), list.people, later).answer.denied).toEqual([{ contact_id: 'a', reason: 'frequency_cap' }]);
    expect(book.grant(requestOf(list), list.people, noon + 86_400_000).granted).toBe(1);
  });

  it('people of a permit that came back whole are free again', () => {
    const book = bookOf();
    const list = listOf(personOf('a'), personOf('b'));
    const { permit_id } = book.grant(requestOf(list), list.people, noon);
    book.giveBack(permit_id, 1, noon + 1000);
    expect(book.grant(requestOf(list), list.people, noon + 1000).granted).toBe(0);
    book.giveBack(permit_id, 2, noon + 1000);
    expect(book.grant(requestOf(list), list.people, noon + 1000).granted).toBe(2);
  });

  it('the rest of a list that has no room is denied for that', () => {
    const scopes = new Map([[stream, scopeLimit({ limit: 1 })]]);
    const list = listOf(personOf('a', { consent: 'withdrawn' }), personOf('b'), personOf('c'));
    const { people, answer } = bookOf({ limits: limitsOf({ scopes }) }).grant(requestOf(list), list.people, noon);
    expect(people).toEqual(['b']);
    expect(answer).toMatchObject({
      granted: 1,
      denied: [
        { contact_id: 'a', reason: 'opted_out' },
        { contact_id: 'c', reason: 'no_room' },
      ],
    });
  });
});
