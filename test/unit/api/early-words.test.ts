import { describe, expect, it } from 'vitest';
import { EarlyWords } from '../../../api/early-words.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const place = (offset: number) => ({ partition: 'log', offset: BigInt(offset) });

const webhook = (field: string, value: object, before = 60) =>
  Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: 'w1', time: now / 1000 - before, changes: [{ field, value }] }],
    }),
  );
const template = (event: string, more: object = {}) => ({
  ...{ event, message_template_id: 7, message_template_name: 'sale', message_template_language: 'en', reason: 'NONE' },
  ...more,
});
const status = 'message_template_status_update';
const paused = { scope: 'template:sale', action: 'stop', code: 'template_paused', at: now - 60_000, until: null };

/** The words that one webhook gives. */
function heard(field: string, value: object, before?: number) {
  const early = new EarlyWords();
  early.hear(webhook(field, value, before), place(3), now);
  return early.with([]);
}

describe('stops by the platform that are not applied yet', () => {
  it('are those that the facts will tell', () => {
    expect(heard(status, template('PAUSED'))).toEqual([paused]);
    expect(heard(status, template('DISABLED'))).toMatchObject([{ scope: 'template:sale', code: 'template_disabled' }]);
    const ban = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } };
    expect(heard('account_update', ban)).toMatchObject([{ scope: 'waba:w1', code: 'account_disable', action: 'stop' }]);
    expect(heard('account_update', { event: 'ACCOUNT_DELETED' })).toMatchObject([{ scope: 'waba:w1', code: 'account_deleted' }]);
  });

  it('are not what lifts or only slows, nor old news told again', () => {
    for (const event of ['APPROVED', 'FLAGGED', 'LOCKED']) expect(heard(status, template(event))).toEqual([]);
    expect(heard(status, template('PAUSED', { other_info: { title: 'UNPAUSE' } }))).toEqual([]);
    const reinstated = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } };
    expect(heard('account_update', reinstated)).toEqual([]);
    expect(heard(status, template('PAUSED'), 301)).toEqual([]);
    expect(heard(status, template('PAUSED'), -60)).toEqual([]);
    expect(heard('messages', { metadata: { phone_number_id: '1' } })).toEqual([]);
  });

  it('count until their record is applied, once beside what is known', () => {
    const early = new EarlyWords();
    expect(early.hear(webhook(status, template('PAUSED')), place(3), now)).toBe(true);
    expect(early.with([{ ...paused, action: 'stop' }])).toEqual([paused]);
    early.forget([{ partition: 'log', applied: '3' }]);
    expect(early.size).toBe(1);
    early.forget([{ partition: 'log', applied: '4' }]);
    expect(early.with([])).toEqual([]);
  });
});
