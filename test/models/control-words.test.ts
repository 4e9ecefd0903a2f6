import { describe, expect, it } from 'vitest';
import { ago, day, hour, minute, noon, sale, second, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();
let count = 0;
/** A key that no other row has. */
const fresh = (): string => {
  count += 1;
  return String(count);
};

/** One platform event so long before noon. */
async function told(before: number, field: string, given: Facts, value: object = {}): Promise<void> {
  const payload = JSON.stringify({ field, value });
  await control.models().insert('fact_platform_event', {
    event_hash: fresh(),
    field,
    occurred_at: ago(before),
    waba_id: 'w1',
    payload,
    ...given,
  });
}
const template = (before: number, event: string, given: Facts = {}, value: object = {}) =>
  told(before, 'message_template_status_update', { event, template_name: 'sale', template_language: 'en', ...given }, value);
const quality = (before: number, new_value: string) =>
  told(before, 'message_template_quality_update', { new_value, template_name: 'sale', template_language: 'en' });
const account = (before: number, event: string, given: Facts = {}, value: object = {}) =>
  told(before, 'account_update', { event, ...given }, value);
const number = (before: number, event: string, display_phone = '+1 555-0100') =>
  told(before, 'phone_number_quality_update', { event, display_phone });
const failure = (before: number, error_code: number, given: Facts = {}) =>
  control
    .models()
    .message(`failed ${fresh()}`, sale(before + second, { failed_at: ago(before), error_code, refused: false, ...given }));
const accepted = (before: number) => control.models().message(`taken ${fresh()}`, sale(before));
const delivered = (before: number) =>
  control.models().message(`there ${fresh()}`, sale(before + minute, { delivered_at: ago(before) }));
const register = (id: string, display_phone: string) =>
  control.models().insert('dim_registry', {
    ...{ kind: 'phone_number', id, changed_at: ago(30 * day), command_id: `r${id}`, parent_id: 'w1', display_phone },
  });

type Words = Awaited<ReturnType<typeof control.words>>;
const short = (words: Words): string[] => words.map(({ scope, action, code }) => `${scope} ${action} ${code}`);
/** What is said, without the times. */
const words = async (): Promise<string[]> => short((await control.read()).words);
/** The same between two snapshots, for what does not depend on messages and numbers. */
const heard = async (): Promise<string[]> => short(await control.words());

describe('a template', () => {
  it.each(['PAUSED', 'DISABLED', 'PENDING', 'REJECTED', 'ARCHIVED', 'DELETED', 'PENDING_DELETION', 'IN_APPEAL'])(
    'is stopped by %s until it is approved',
    async (event) => {
      await template(hour, event);
      const stopped = [`template:sale stop template_${event.toLowerCase()}`];
      expect(await heard()).toEqual(stopped);
      await template(50 * minute, 'LOCKED');
      await template(50 * minute, 'LIMIT_EXCEEDED');
      expect(await heard()).toEqual(stopped);
      await template(40 * minute, 'APPROVED');
      expect(await heard()).toEqual([]);
    },
  );

  it('is stopped until it is reinstated', async () => {
    await template(hour, 'DISABLED');
    await template(30 * minute, 'REINSTATED');
    expect(await heard()).toEqual([]);
  });

  it('is stopped until its pause is lifted by hand', async () => {
    await template(hour, 'PAUSED', { reason: 'FIRST_PAUSE' }, { other_info: { title: 'FIRST_PAUSE' } });
    await template(30 * minute, 'PAUSED', { reason: 'UNPAUSE' }, { other_info: { title: 'UNPAUSE' } });
    expect(await heard()).toEqual([]);
  });

  it('goes by the newest news, whatever came first', async () => {
    await template(10 * minute, 'PAUSED');
    await template(20 * minute, 'APPROVED');
    expect(await control.words()).toEqual([
      { scope: 'template:sale', action: 'stop', code: 'template_paused', at: noon - 10 * minute, until: null },
    ]);
  });

  it('is stopped when one of its languages is', async () => {
    await template(20 * minute, 'PAUSED');
    await template(10 * minute, 'APPROVED', { template_language: 'fr' });
    expect(await heard()).toEqual(['template:sale stop template_paused']);
  });

  it('is known by its id where the name is missing', async () => {
    await template(20 * minute, 'APPROVED', { template_id: '42' });
    await template(10 * minute, 'PAUSED', { template_id: '42', template_name: null });
    expect(await heard()).toEqual(['template:sale stop template_paused']);
  });

  it('does not grow while it is flagged or its quality is low', async () => {
    await template(hour, 'FLAGGED');
    await quality(hour, 'RED');
    expect(await heard()).toEqual(['template:sale no_growth template_flagged', 'template:sale no_growth template_quality_red']);
    await quality(30 * minute, 'YELLOW');
    expect(await heard()).toEqual([
      'template:sale no_growth template_flagged',
      'template:sale no_growth template_quality_yellow',
    ]);
    await quality(20 * minute, 'GREEN');
    await template(20 * minute, 'APPROVED');
    expect(await heard()).toEqual([]);
  });

  it('news of tomorrow are not known today', async () => {
    await template(-hour, 'PAUSED');
    expect(await heard()).toEqual([]);
  });
});

describe('an account', () => {
  const restricted = (expiration: unknown) => ({
    restriction_info: [
      { restriction_type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION', expiration: 1_999_999_999 },
      { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration },
    ],
  });
  const reason = 'RESTRICTED_ADD_PHONE_NUMBER_ACTION,RESTRICTED_BIZ_INITIATED_MESSAGING';
  const until = Date.parse('2026-11-23T00:00:00Z');
  it.each([until / 1000, String(until / 1000), 'November 23, 2026', '2026-11-23T00:00:00Z'])(
    'is stopped until its restriction ends: %s',
    async (expiration) => {
      await account(hour, 'ACCOUNT_RESTRICTION', { reason }, restricted(expiration));
      expect(await control.words()).toEqual([
        { scope: 'waba:w1', action: 'stop', code: 'account_restriction', at: noon - hour, until },
      ]);
      expect(await control.words(until)).toEqual([]);
    },
  );

  it('is not stopped by a restriction of something else', async () => {
    const value = { restriction_info: [{ restriction_type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION' }] };
    await account(hour, 'ACCOUNT_RESTRICTION', { reason: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION' }, value);
    expect(await heard()).toEqual([]);
  });

  it.each([
    ['DISABLE', 'account_disable'],
    ['SCHEDULE_FOR_DISABLE', 'account_schedule_for_disable'],
  ])('is stopped by %s until it is reinstated', async (new_value, code) => {
    await account(hour, 'DISABLED_UPDATE', { new_value });
    expect(await heard()).toEqual([`waba:w1 stop ${code}`]);
    await account(30 * minute, 'DISABLED_UPDATE', { new_value: 'REINSTATE' });
    expect(await heard()).toEqual([]);
  });

  it.each(['ACCOUNT_DELETED', 'ACCOUNT_OFFBOARDED'])('is stopped by %s until it is connected again', async (event) => {
    await account(hour, event);
    expect(await heard()).toEqual([`waba:w1 stop ${event.toLowerCase()}`]);
    await account(30 * minute, 'ACCOUNT_RECONNECTED');
    expect(await heard()).toEqual([]);
  });

  it('does not grow for seven days after a violation', async () => {
    await account(hour, 'ACCOUNT_VIOLATION', { reason: 'ADULT' });
    expect(await heard()).toEqual(['waba:w1 no_growth account_violation']);
    expect(await control.words(noon + 7 * day)).toEqual([]);
  });

  it('may call badly and still write', async () => {
    await account(hour, 'ACCOUNT_VIOLATION', { reason: 'USER_INITIATED_CALLS_LOW_PICKUP_RATE' });
    expect(await heard()).toEqual([]);
  });

  it('other news of it stop nothing', async () => {
    await account(hour, 'VERIFIED_ACCOUNT');
    await account(hour, 'MM_LITE_TERMS_SIGNED');
    expect(await heard()).toEqual([]);
  });
});

describe('a number', () => {
  it.each([
    ['FLAGGED', 'UNFLAGGED'],
    ['DOWNGRADE', 'UPGRADE'],
  ])('does not grow after %s until %s', async (down, up) => {
    await register('n1', '15550100');
    await number(hour, down);
    await number(50 * minute, 'THROUGHPUT_UPGRADE');
    expect(await words()).toEqual([`number:n1 no_growth number_${down.toLowerCase()}`]);
    await number(30 * minute, up);
    expect(await words()).toEqual([]);
  });

  it('is stopped while the platform, when it is asked, says that it cannot send, and does not grow while it can with limits only', async () => {
    const health = (before: number, event: string | null) =>
      told(before, 'phone_number_health', { event, phone_number_id: 'n1' });
    await health(hour, 'BLOCKED');
    await health(50 * minute, null); // an answer that does not say
    expect(await words()).toEqual(['number:n1 stop number_blocked']);
    await health(40 * minute, 'LIMITED');
    expect(await words()).toEqual(['number:n1 no_growth number_limited']);
    await health(30 * minute, 'AVAILABLE');
    expect(await words()).toEqual([]);
  });

  it('is no longer stopped once it took a message, also when nobody asks the platform any more', async () => {
    await told(hour, 'phone_number_health', { event: 'BLOCKED', phone_number_id: 'n1' });
    await accepted(30 * minute);
    expect(await words()).toEqual([]);
  });

  it('that nobody registered holds back its account', async () => {
    await number(hour, 'FLAGGED');
    expect(await words()).toEqual(['waba:w1 no_growth number_flagged']);
  });
});

describe('an error code', () => {
  it('131048 stops the number; the policy knows for how long', async () => {
    await failure(30 * hour, 131048);
    await failure(hour, 131048);
    await accepted(minute);
    expect((await control.read()).words).toEqual([
      { scope: 'number:n1', action: 'stop', code: 'error_131048', at: noon - hour, until: null },
    ]);
  });

  it('368 stops the account for a day', async () => {
    await failure(hour, 368);
    expect((await control.read()).words).toEqual([
      { scope: 'waba:w1', action: 'stop', code: 'error_368', at: noon - hour, until: noon + 23 * hour },
    ]);
    expect((await control.read(noon + 23 * hour)).words).toEqual([]);
  });

  it('131031 stops the account until it is reinstated, or takes a message', async () => {
    await failure(hour, 131031);
    expect(await words()).toEqual(['waba:w1 stop error_131031']);
    await account(30 * minute, 'DISABLED_UPDATE', { new_value: 'REINSTATE' });
    expect(await words()).toEqual([]);
    await failure(20 * minute, 131031);
    expect(await words()).toEqual(['waba:w1 stop error_131031']);
    await accepted(19 * minute);
    expect(await words()).toEqual([]);
  });

  it('131042 stops the account until it takes a message ten minutes later', async () => {
    await failure(hour, 131042);
    await accepted(51 * minute);
    expect(await words()).toEqual(['waba:w1 stop error_131042']);
    await accepted(49 * minute);
    expect(await words()).toEqual([]);
  });

  it.each([132015, 132016])('%i stops the template until it is approved, or delivered', async (code) => {
    await failure(hour, code);
    await accepted(50 * minute);
    expect(await words()).toEqual([`template:sale stop error_${code}`]);
    await template(40 * minute, 'APPROVED');
    expect(await words()).toEqual([]);
    await failure(30 * minute, code);
    expect(await words()).toEqual([`template:sale stop error_${code}`]);
    await delivered(20 * minute);
    expect(await words()).toEqual([]);
  });

  it.each([131045, 133010, 131037])('%i stops the number until it takes a message', async (code) => {
    await failure(hour, code);
    await control.models().message('elsewhere', sale(30 * minute, { phone_number_id: 'n2' }));
    expect(await words()).toEqual([`number:n1 stop error_${code}`]);
    await accepted(20 * minute);
    expect(await words()).toEqual([]);
  });

  it('of a message that fails in its turn lifts nothing', async () => {
    await failure(hour, 131031);
    await failure(30 * minute, 131026);
    expect(await words()).toEqual(['waba:w1 stop error_131031']);
  });

  it('in a webhook about the account as a whole counts as well', async () => {
    await told(hour, 'messages', { event: 'error', error_code: 131031 });
    expect(await words()).toEqual(['waba:w1 stop error_131031']);
  });

  it.each([131026, 131049, 130429, 132000])('%i stops nothing', async (code) => {
    await failure(hour, code);
    expect(await words()).toEqual([]);
  });
});

describe('between two snapshots', () => {
  it('the newest words are heard without another one, with the failures of the one before', async () => {
    expect(await control.hear()).toBeNull();
    await failure(minute, 131048);
    const before = await control.read();
    expect(before.words.map(({ code }) => code)).toEqual(['error_131048']);
    expect(await control.hear()).toEqual(before.words);
    await template(second, 'PAUSED');
    expect((await control.hear())?.map(({ code }) => code)).toEqual(['error_131048', 'template_paused']);
    await template(0, 'APPROVED');
    expect(await control.hear()).toEqual(before.words);
  });
});

describe('from one snapshot to the next', () => {
  const next = async (at = noon): Promise<string[]> => short((await control.readOn(at)).words);

  it('what the platform said in between is taken in, and what it took back', async () => {
    await template(hour, 'PAUSED');
    expect(await next()).toEqual(['template:sale stop template_paused']);
    expect(await next()).toEqual(['template:sale stop template_paused']);
    await quality(second, 'RED');
    expect(await next()).toEqual(['template:sale stop template_paused', 'template:sale no_growth template_quality_red']);
    await template(0, 'APPROVED');
    expect(await next()).toEqual(['template:sale no_growth template_quality_red']);
  });

  it('a number registered in between is known by its digits', async () => {
    await number(hour, 'FLAGGED');
    expect(await next()).toEqual(['waba:w1 no_growth number_flagged']);
    await register('n1', '+1 (555) 0100');
    expect(await next()).toEqual(['number:n1 no_growth number_flagged']);
  });

  it('news of tomorrow are known once it is tomorrow, and what ends by itself ends', async () => {
    await template(-hour, 'PAUSED');
    const ends = Date.parse('2026-11-20T14:00:00Z');
    const restriction = { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: ends / 1000 };
    const reason = 'RESTRICTED_BIZ_INITIATED_MESSAGING';
    await account(hour, 'ACCOUNT_RESTRICTION', { reason }, { restriction_info: [restriction] });
    expect(await next()).toEqual(['waba:w1 stop account_restriction']);
    expect(await next(noon + hour)).toEqual(['template:sale stop template_paused', 'waba:w1 stop account_restriction']);
    expect(await next(ends)).toEqual(['template:sale stop template_paused']);
  });

  it('a blocked number is free again once it has taken a message', async () => {
    await told(hour, 'phone_number_health', { event: 'BLOCKED', phone_number_id: 'n1' });
    expect(await next()).toEqual(['number:n1 stop number_blocked']);
    await accepted(20 * minute);
    expect(await next()).toEqual([]);
  });
});
