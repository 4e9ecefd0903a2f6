import {
  type ExpectedFacts,
  type ExpectedRow,
  link,
  named,
  phone,
  phoneRow,
  placeholder,
  sdk,
  sheena,
  sheenaRows,
  shop,
  testName,
  testNameRows,
} from './row.ts';

/** Orders, reactions, edits, notices and echoes. */
const usual = 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=';
const reactedTo = 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=';

function fromSheena(id: string, at: string, more: ExpectedRow): ExpectedRow {
  return { message_id: id, occurred_at: at, ...sheena, ...shop, ...more };
}
function fromTestName(id: string, at: string, more: ExpectedRow): ExpectedRow {
  return { message_id: id, occurred_at: at, ...testName, ...sdk, ...more };
}

const order = { message_type: 'order', counted_type: 'order', counts_as_reply: true };
const removed = { message_type: 'reaction', counted_type: 'reaction_removed', counts_as_reply: false };
const unsupported = { message_type: 'unsupported', counted_type: 'unsupported', counts_as_reply: true, error_code: 131051 };
const echo = { counted_type: 'echo', counts_as_reply: false };

export const otherMessages: ExpectedFacts = {
  // 2 × 30 + 1 × 25 = 85 USD
  'messages.order.json': {
    fact_inbound: [fromSheena(usual, '2025-06-16T17:52:05Z', order)],
    fact_conversion: [
      {
        ...{ event_id: `inbound:${usual}`, kind: 'order', occurred_at: '2025-06-16T17:52:05Z', ...sheena },
        ...{ order_id: usual, amount_micros: 85_000_000n, currency: 'USD' },
      },
    ],
    ...sheenaRows,
  },
  // 1 × 99.99 USD
  'messages.order.mpm_template.json': {
    fact_inbound: [fromSheena('wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTMxNzA1QzNENEI4ODY0OTY2MAA=', '2023-05-04T17:57:49Z', order)],
    fact_conversion: [
      {
        event_id: 'inbound:wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTMxNzA1QzNENEI4ODY0OTY2MAA=',
        kind: 'order',
        occurred_at: '2023-05-04T17:57:49Z',
        ...sheena,
        order_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTMxNzA1QzNENEI4ODY0OTY2MAA=',
        amount_micros: 99_990_000n,
        currency: 'USD',
      },
    ],
    ...sheenaRows,
  },
  // 3 × 30 + 2 × 35 + 2 × 10 = 180 ILS
  'messages.order.sdk.json': {
    fact_inbound: [fromTestName('wamid.xyzxyz', '2023-10-11T17:17:48Z', order)],
    fact_conversion: [
      {
        ...{ event_id: 'inbound:wamid.xyzxyz', kind: 'order', occurred_at: '2023-10-11T17:17:48Z', ...testName },
        ...{ order_id: 'wamid.xyzxyz', amount_micros: 180_000_000n, currency: 'ILS' },
      },
    ],
    ...testNameRows('2023-10-11T17:17:48Z'),
  },

  // An empty emoji, or none, takes a reaction back. It still proves that the message was delivered.
  'messages.reaction.json': {
    fact_inbound: [fromSheena(usual, '2025-06-08T21:52:24Z', { ...removed, context_id: reactedTo })],
    fact_message: [named(reactedTo, '2025-06-08T21:52:24Z')],
    ...sheenaRows,
  },
  'messages.reaction.removed.json': {
    fact_inbound: [fromSheena(usual, '2025-06-08T21:52:24Z', { ...removed, context_id: reactedTo })],
    fact_message: [named(reactedTo, '2025-06-08T21:52:24Z')],
    ...sheenaRows,
  },
  'messages.unreaction_empty.sdk.json': {
    fact_inbound: [fromTestName('wamid.xyzxyz', '2023-10-11T17:14:16Z', { ...removed, context_id: 'wamid.yzxyzx=' })],
    fact_message: [named('wamid.yzxyzx=', '2023-10-11T17:14:16Z')],
    ...testNameRows('2023-10-11T17:14:16Z'),
  },
  'messages.unreaction_no_emoji.sdk.json': {
    fact_inbound: [fromTestName('wamid.xyzxyz', '2023-10-11T17:14:16Z', { ...removed, context_id: 'wamid.yzxyzx=' })],
    fact_message: [named('wamid.yzxyzx=', '2023-10-11T17:14:16Z')],
    ...testNameRows('2023-10-11T17:14:16Z'),
  },

  // `from` and the only contact are two people here: neither lends the other a name. The edited message's own context is not this one's.
  'messages.edit.image.json': {
    fact_inbound: [
      fromSheena(usual, '2025-06-13T22:42:55Z', { message_type: 'edit', counted_type: 'edit', counts_as_reply: false }),
    ],
    contact_alias: [phoneRow('16505551234', 'US'), ...testNameRows('2025-06-13T22:42:55Z').contact_alias],
    contact_link: testNameRows('2025-06-13T22:42:55Z').contact_link,
  },
  // `from` is a placeholder, so the only contact says who it was.
  'messages.revoke.json': {
    fact_inbound: [
      {
        message_id: '<WHATSAPP_MESSAGE_ID>',
        occurred_at: '2023-10-11T16:53:43Z',
        ...testName,
        phone_number_id: '<BUSINESS_PHONE_NUMBER_ID>',
        waba_id: '<WHATSAPP_BUSINESS_ACCOUNT_ID>',
        message_type: 'revoke',
        counted_type: 'revoke',
        counts_as_reply: false,
      },
    ],
    ...testNameRows('2023-10-11T16:53:43Z'),
  },

  'messages.system.customer_identity_changed.json': {
    fact_inbound: [
      {
        ...{ message_id: 'wamid.xyzxyz', occurred_at: '2023-10-11T17:18:26Z', phone_alias: phone('972987654321'), ...sdk },
        ...{ message_type: 'system', counted_type: 'system', counts_as_reply: false },
      },
    ],
    contact_alias: [phoneRow('972987654321', 'IL')],
  },
  'messages.system.user_changed_number.json': {
    fact_inbound: [
      fromSheena('wamid.HBgLMTk4MzU1NTE5NzQVAgASGAoxMTgyMDg2MjY3AA==', '2025-06-18T17:55:42Z', {
        ...{ message_type: 'system', counted_type: 'system', counts_as_reply: false },
      }),
    ],
    contact_alias: [phoneRow('16505551234', 'US'), phoneRow('12195555358', 'US')],
    contact_link: [link(phone('16505551234'), phone('12195555358'), '2025-06-18T17:55:42Z', 'number_change')],
  },

  'messages.unsupported.131051.json': {
    fact_inbound: [fromSheena(usual, '2025-06-16T16:18:22Z', unsupported)],
    ...sheenaRows,
  },
  'messages.unsupported_with_type.sdk.json': {
    fact_inbound: [fromTestName('wamid.xyzxyz', '2023-10-11T17:18:26Z', unsupported)],
    ...testNameRows('2023-10-11T17:18:26Z'),
  },
  // The older spelling of "unsupported"; the error has its details on top.
  'messages.unknown.errors.json': {
    fact_inbound: [
      {
        ...{ message_id: 'wamid.ID', occurred_at: '2022-11-23T20:02:58Z', ...placeholder },
        ...{ ...unsupported, message_type: 'unknown' },
      },
    ],
  },

  // Echoes: the person is the one who is not the business. In the SDK's samples the two sides are swapped.
  'smb_message_echoes.text.json': {
    fact_inbound: [
      fromSheena('wamid.HBgLMTY0NjcwNDM1OTUVAgARGBIyNDlBOEI5QUQ4NDc0N0FCNjMA', '2025-02-12T00:43:44Z', {
        message_type: 'text',
        ...echo,
      }),
    ],
    ...sheenaRows,
  },
  'smb_message_echoes.edit.json': {
    fact_inbound: [fromTestName('wamid.yyyyyy', '2023-10-11T17:22:48Z', { message_type: 'edit', ...echo })],
    ...testNameRows('2023-10-11T17:22:48Z'),
  },
  'smb_message_echoes.delete.json': {
    fact_inbound: [fromTestName('wamid.yyyyyy', '2023-10-11T17:22:48Z', { message_type: 'revoke', ...echo })],
    ...testNameRows('2023-10-11T17:22:48Z'),
  },
};
