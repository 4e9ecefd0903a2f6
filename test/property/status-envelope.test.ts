import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { StatusEnvelopes } from '../../ingest/status-envelope.ts';
import { changeOf, messagesChange, recordOf, status } from '../webhook-record.ts';

/** What a body decodes to when it is read as a whole: white space before the list is no part of any envelope that is known. */
function read(body: string) {
  const into = emptyDecoded();
  const counts = decodeRecord(recordOf(body), into);
  return { ...into, counts };
}

const around = JSON.stringify(messagesChange({ statuses: [0] })).split('0]');
const [before = '', after = ''] = [around[0], `]${around[1]}`];
const post = (...statuses: unknown[]) => before + statuses.map((one) => JSON.stringify(one)).join(',') + after;

/** Envelopes that have met the posts of the number twice. */
function acquainted(): StatusEnvelopes {
  const envelopes = new StatusEnvelopes();
  for (let n = 0; n < 2; n += 1) expect(envelopes.open(post(status))).toBeNull();
  return envelopes;
}

describe('the envelope of a number', () => {
  it('is known from the third post on, whatever its statuses', () => {
    const failed = { ...status, status: 'failed', errors: [{ code: 131026, error_data: { details: 'a ] and } in a text' } }] };
    expect(acquainted().open(post(failed, status))?.statuses).toEqual([failed, status]);
    const learnt = new StatusEnvelopes();
    for (let n = 0; n < 2; n += 1) learnt.open(post(failed, failed));
    expect(learnt.open(post(status))?.statuses).toEqual([status]);
  });

  it.each([
    ['people beside the statuses', messagesChange({ contacts: [{ wa_id: '4915112345678' }], statuses: [status] })],
    ['another update after them', messagesChange({ statuses: [status], messages: [] })],
    ['errors of the whole value', messagesChange({ statuses: [status], errors: [{ code: 1 }] })],
    ['two changes', { object: 'x', entry: [{ id: 'w', changes: [{ value: { statuses: [status] } }, { value: {} }] }] }],
    ['two entries', { object: 'x', entry: [{ id: 'w', changes: [{ value: { statuses: [status] } }] }, { id: 'v' }] }],
    ['statuses elsewhere', { object: 'x', statuses: [status], entry: [] }],
    ['statuses inside metadata', changeOf({ metadata: { statuses: [status] } })],
  ])('is none with %s', (_, body) => {
    const envelopes = new StatusEnvelopes();
    for (let n = 0; n < 4; n += 1) expect(envelopes.open(JSON.stringify(body))).toBeNull();
  });

  it('is not taken for another one that begins alike', () => {
    const envelopes = acquainted();
    expect(envelopes.open(`${before}${JSON.stringify(status)}],"messages":[]${after.slice(1)}`)).toBeNull();
    expect(envelopes.open(`${before}${JSON.stringify(status)}],"statuses":[${after}`)).toBeNull();
  });

  it('is left to the whole decoder where numbers are long, escapes need mending, or the list is not JSON', () => {
    const envelopes = acquainted();
    for (const odd of ['{"id":1234567890123456789}', '{"id":"\\ud800"}', '{"id":', '', ' ', '{}{}', '1],"statuses":[2']) {
      expect(envelopes.open(before + odd + after), odd).toBeNull();
    }
  });
});

describe('a post whose envelope is known', () => {
  it('gives exactly the rows that it gives when it is read as a whole', () => {
    for (let n = 0; n < 3; n += 1) read(post(status));
    const keys = [...Object.keys(status), 'biz_opaque_callback_data', 'pricing', 'errors', 'conversation', 'recipient_user_id'];
    const item = fc.oneof(
      fc.dictionary(
        fc.constantFrom(...keys),
        fc.oneof(fc.constantFrom<unknown>('sent', '1750030073', '4915112345678'), fc.jsonValue({ maxDepth: 1 })),
      ),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const items = fc.array(
      fc.oneof(
        item.map((more) => ({ ...status, ...(more as object) })),
        item,
      ),
      { minLength: 1, maxLength: 4 },
    );
    const mangled = fc
      .tuple(items, fc.nat(), fc.constantFrom('', '', ']', '}', ',', '"', '\\', '[', '0'))
      .map(([list, where, what]) => {
        const text = list.map((one) => JSON.stringify(one)).join(',');
        return text.slice(0, where % text.length) + what + text.slice(where % text.length);
      });
    fc.assert(
      fc.property(mangled, (text) => {
        // one space more is another text of the same JSON, which no envelope fits
        const whole = read(before.replace('"statuses":[', '"statuses": [') + text + after);
        const quick = read(before + text + after);
        if (whole.quarantine.some(({ item: at }) => at === -1)) expect(quick.counts).toEqual(whole.counts);
        else expect(quick).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});
