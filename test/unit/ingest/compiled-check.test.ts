import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permitBodySchema } from '../../../api/permit-body.ts';
import { checkInput } from '../../../api/validate.ts';
import { compiledCheck } from '../../../ingest/compiled-check.ts';

const isGood = compiledCheck(permitBodySchema, 'refuse');
const slow = checkInput({ schema: permitBodySchema, method: 'POST', url: '/v1/permits', httpPart: 'body' });
const slowlyGood = (body: unknown) => !('error' in (slow(body) as object));

const text = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('x'.repeat(512), 'x'.repeat(513), '😀'.repeat(512), '😀'.repeat(513)),
);
const contact = fc.oneof(
  fc.record({ contact_id: text, phone: text, user_id: text, other: text }, { requiredKeys: [] }),
  fc.constantFrom(null, 'x', []),
);
/** Bodies near the ones that are asked for: most keys good, some bad, some missing, some of no meaning. */
const body = fc.record(
  {
    request_id: text,
    phone_number_id: fc.oneof(text, fc.constantFrom(null, 7)),
    category: fc.constantFrom('marketing', 'utility', 'service', 'Marketing', null),
    campaign_id: text,
    template_name: text,
    market: fc.constantFrom('FR', 'FRA', 'fr', 'F1'),
    count: fc.oneof(fc.integer({ min: 0, max: 1_000_001 }), fc.constantFrom(1, 1.5, '1', null)),
    contacts: fc.oneof(fc.array(contact, { maxLength: 3 }), fc.constant('x')),
    lease_seconds: fc.constantFrom(0, 1, 3600, 3601),
    countt: fc.constant(1),
  },
  { requiredKeys: [] },
);
/** Good ones, but for one key at the most. */
const likely = fc.tuple(body, fc.boolean(), fc.nat(9)).map(([parts, byCount, which]) => ({
  ...{ request_id: 'r', phone_number_id: 'n', category: 'marketing' },
  ...(byCount ? { count: 3 } : { contacts: [{ phone: '1' }] }),
  ...Object.fromEntries(Object.entries(parts).slice(which, which + 1)),
}));

describe('the compiled check of a request for a permit', () => {
  it('finds good exactly what the schema finds good, whatever is wrong with the others', () => {
    const found = { good: 0, bad: 0 };
    fc.assert(
      fc.property(fc.oneof(body, likely, fc.anything()), (one) => {
        expect(isGood(one)).toBe(slowlyGood(one));
        found[isGood(one) ? 'good' : 'bad'] += 1;
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(found.good, found.bad)).toBeGreaterThan(50);
  });

  it('knows either a count or people, and no key that has no meaning', () => {
    const common = { request_id: 'r', phone_number_id: 'n', category: 'marketing' };
    expect(isGood({ ...common, count: 1 })).toBe(true);
    expect(isGood({ ...common, contacts: [{ phone: '1' }] })).toBe(true);
    expect(isGood(common)).toBe(false);
    expect(isGood({ ...common, count: 1, contacts: [{ phone: '1' }] })).toBe(false);
    expect(isGood({ ...common, contacts: [{}] })).toBe(false);
    expect(isGood({ ...common, count: 1, cuont: 1 })).toBe(false);
    expect(isGood({ ...common, count: 1_000_001 })).toBe(false);
  });
});
