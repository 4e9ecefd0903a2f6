import { describe, expect, it } from 'vitest';
import { type AnswerRecord, answerOf, grantRecord } from '../../../controller/grant-record.ts';
import type { Grant } from '../../../controller/permit.ts';
import { decodeRecord } from '../../../ingest/decode.ts';
import { emptyDecoded } from '../../../ingest/staged.ts';
import { addressOf, bookOf, listOf, personOf, requestOf } from '../../permit-books.ts';

const at = Date.parse('2026-11-20T12:00:00Z');

/** What the warehouse has of it. */
function stored(grant: unknown) {
  const command = { command_id: 'c-1', at: new Date(at).toISOString(), actor: 'ingest', command: 'permit.grant', id: 'p' };
  const body = Buffer.from(JSON.stringify({ ...command, body: { grants: [grant] } }));
  const into = emptyDecoded();
  decodeRecord({ partition: 'p', offset: 0n, kind: 'command', receivedAt: 0n, body }, into);
  expect(into.quarantine).toEqual([]);
  return { permit: into.permit[0], people: into.permit_person.map(({ person }) => person) };
}

const answered = (grant: Grant, kept: string | undefined) => answerOf(grant, JSON.parse(kept ?? '') as AnswerRecord);

function countOf(): Grant {
  return bookOf().grant(requestOf({ count: 100, address: addressOf({ segment_id: null }) }), null, at);
}

function listWithDenied(): Grant {
  const { contacts, people } = listOf(personOf('a'), personOf('b', { consent: null }));
  return bookOf().grant(requestOf({ contacts }), people, at);
}

describe('a grant in the log', () => {
  it('says only what is not as usual, and is read back whole', () => {
    const grant = countOf();
    const record = grantRecord(grant);
    expect(record.address).toEqual({ phone_number_id: 'n1', template_name: 't1', campaign_id: 'c1' });
    expect(Object.keys(record)).not.toContain('people');
    expect(Object.keys(record.answer)).toEqual(['scope', 'state', 'reason', 'asked']);
    const { permit, people } = stored(record);
    expect(answered(grant, permit?.answer)).toEqual(grant.answer);
    expect(people).toEqual([]);
    expect(permit).toEqual({ ...stored(grant).permit, answer: permit?.answer });
  });

  it('keeps who was denied, and the people of a list', () => {
    const grant = listWithDenied();
    expect(grant.answer.denied).toEqual([{ contact_id: 'b', reason: 'no_consent' }]);
    const { permit, people } = stored(grantRecord(grant));
    expect(answered(grant, permit?.answer)).toEqual(grant.answer);
    expect(people).toEqual(['a']);
  });

  it('is read in its older form too, which said everything', () => {
    const grant = listWithDenied();
    const { permit, people } = stored(grant);
    expect(answered(grant, permit?.answer)).toEqual(grant.answer);
    expect(people).toEqual(['a']);
  });
});
