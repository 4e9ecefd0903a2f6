import {
  type ExpectedFacts,
  type ExpectedRow,
  named,
  placeholder,
  sdk,
  sheena,
  sheenaRows,
  shop,
  testName,
  testNameRows,
  user,
  userRow,
} from './row.ts';

/** Text, media, places and cards: what a person writes or sends. All are replies. */
const reply = { counted_type: 'reply', counts_as_reply: true };

/** From Sheena Nelson, to the shop of the documentation. */
function fromSheena(type: string, id: string, at: string, more: ExpectedRow = {}): ExpectedFacts[string] {
  return {
    fact_inbound: [{ message_id: id, occurred_at: at, ...sheena, ...shop, message_type: type, ...reply, ...more }],
    ...sheenaRows,
  };
}

/** From "Test Name" of the SDK's samples. */
function fromTestName(type: string, id: string, at: string, more: ExpectedRow = {}): ExpectedFacts[string] {
  return {
    fact_inbound: [{ message_id: id, occurred_at: at, ...testName, ...sdk, message_type: type, ...reply, ...more }],
    ...testNameRows(at),
  };
}

/** From somebody whose number is a placeholder. */
function fromNobody(at: string, more: ExpectedRow = {}): ExpectedRow {
  return { message_id: 'wamid.ID', occurred_at: at, ...placeholder, message_type: 'text', ...reply, ...more };
}

const media = 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=';
const other = 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=';

export const replies: ExpectedFacts = {
  'messages.audio.voice_or_file.json': fromSheena('audio', media, '2025-04-11T04:08:16Z'),
  'messages.contacts.json': fromSheena('contacts', media, '2025-04-11T04:08:16Z'),
  'messages.document.json': fromSheena('document', media, '2025-04-11T04:08:16Z'),
  'messages.image.json': fromSheena('image', media, '2025-04-11T04:08:16Z'),
  'messages.sticker.json': fromSheena('sticker', media, '2025-04-11T04:08:16Z'),
  'messages.video.json': fromSheena('video', media, '2025-04-11T04:08:16Z'),
  'messages.location.json': fromSheena('location', other, '2025-04-11T04:08:16Z'),
  'messages.text.json': fromSheena('text', media, '2025-06-08T20:59:43Z'),

  'messages.media_with_url.sdk.json': fromTestName('image', 'wamid.xyzxyz', '2023-10-11T16:56:19Z'),
  'messages.voice.sdk.json': fromTestName('audio', 'wamid.xyzxyz', '2023-10-11T16:57:53Z'),
  'messages.document.sdk.json': fromTestName('document', 'wamid.xyzxyz', '2023-10-11T17:01:06Z', { forwarded: true }),
  'messages.static_sticker.sdk.json': fromTestName('sticker', 'wamid.xyzxyz', '2023-10-11T17:02:40Z'),
  'messages.animated_sticker.sdk.json': fromTestName('sticker', 'wamid.xyzxyz', '2023-10-11T17:03:05Z'),
  'messages.video.sdk.json': fromTestName('video', 'wamid.xyzxyz', '2023-10-11T17:12:42Z', { forwarded: true }),
  'messages.chosen_location.sdk.json': fromTestName('location', 'wamid.xyzxyz', '2023-10-11T17:15:57Z', { forwarded: true }),
  'messages.current_location.sdk.json': fromTestName('location', 'wamid.xyzxyz', '2023-10-11T17:15:57Z', { forwarded: true }),
  'messages.contacts.sdk.json': fromTestName('contacts', 'wamid.xyzxyz', '2023-10-11T17:17:01Z'),
  'messages.forwarded.sdk.json': fromTestName('text', 'wamid.xyzxyz', '2023-10-11T17:20:15Z', { forwarded: true }),
  'messages.forwarded_many_times.sdk.json': fromTestName('text', 'wamid.xyzxyz', '2023-10-11T17:22:48Z', { forwarded: true }),
  'messages.referral.sdk.json': fromTestName('text', 'wamid.ID', '2023-10-11T17:23:20Z', {
    referral_source: 'ad or post',
    referral_id: 'ADID',
    ctwa_clid: 'CTWA_CLID',
  }),

  'messages.reply.sdk.json': {
    ...fromTestName('text', 'wamid.xyzxyz', '2023-10-11T17:19:06Z', { context_id: 'wamid.xyzxyz==' }),
    fact_message: [named('wamid.xyzxyz==', '2023-10-11T17:19:06Z', { replied_at: '2023-10-11T17:19:06Z' })],
  },

  'messages.location.requested.json': {
    ...fromSheena('location', 'wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQTRCRDcwNzgzMTRDNTAwRTgwRQA=', '2023-12-18T17:36:05Z', {
      context_id: 'wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1QjJGRjI1RDY0RkE4Nzg4QzcA',
    }),
    fact_message: [
      named('wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1QjJGRjI1RDY0RkE4Nzg4QzcA', '2023-12-18T17:36:05Z', {
        replied_at: '2023-12-18T17:36:05Z',
      }),
    ],
  },

  'messages.text.business_button_product_context.json': {
    ...fromSheena('text', 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTA2NTUwRkNEMDdFQjJCRUU0NQA=', '2025-06-15T19:46:40Z', {
      waba_id: '419561257915477',
      context_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA',
    }),
    fact_message: [
      named('wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA', '2025-06-15T19:46:40Z', {
        replied_at: '2025-06-15T19:46:40Z',
      }),
    ],
  },

  'messages.text.ctwa_referral.json': fromSheena(
    'text',
    'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUQ0N0VFMDA2MTQ0RkJFNkNDNAA=',
    '2025-06-18T19:46:32Z',
    {
      referral_source: 'ad',
      referral_id: '120226305854810726',
      ctwa_clid:
        'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4_0NiNhEgpGo0AHemvuSoifXaytfTzcchptiErTKCqTrJ5nW1h7IHYeYymGb5K5J5iTROpBhWAGaIAeUzHL50',
    },
  ),

  'messages.text.group.json': fromSheena('text', 'wamid.HASDI128HJOPUERIH82ahdasd09ASDHi5>', '2025-04-11T04:08:16Z', {
    group_id: 'HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA',
  }),

  // `from` is an empty string: the person has a user id and no phone.
  'messages.text.empty_from.draft_bsuid.json': {
    fact_inbound: [
      {
        ...{ message_id: media, occurred_at: '2025-06-08T20:59:43Z', user_alias: user('user.93737...'), ...shop },
        ...{ message_type: 'text', ...reply },
      },
    ],
    contact_alias: [userRow('user.93737...', null)],
  },

  // Two messages under one id in one POST: the id is the message, so the first by time stays.
  'messages.text.batch_two_entries.json': { fact_inbound: [fromNobody('2022-11-23T20:02:58Z')] },
  'messages.text.contact_without_profile.json': { fact_inbound: [fromNobody('2022-11-23T20:02:58Z')] },
  // `from` is absent; the only contact has a user id.
  'messages.text.bsuid_only_no_from.json': {
    fact_inbound: [fromNobody('2022-11-23T20:02:58Z', { user_alias: user('BSUID_123') })],
    contact_alias: [userRow('BSUID_123', null)],
  },
  'messages.text.phone_and_bsuid.json': {
    fact_inbound: [fromNobody('2022-11-23T20:02:58Z', { user_alias: user('BSUID_123') })],
    contact_alias: [userRow('BSUID_123', null)],
  },
};
