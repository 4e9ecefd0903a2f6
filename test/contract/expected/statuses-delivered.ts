import {
  type ExpectedFacts,
  link,
  phone,
  phoneRow,
  placeholder,
  sdkTaps,
  sheena,
  sheenaRows,
  shop,
  testName,
  testNameRows,
  user,
  userRow,
} from './row.ts';

const customer = { phone_number_id: 'CUSTOMER_PHONE_NUMBER', waba_id: '108536708899139' };
const service = { pricing_model: 'CBP', pricing_category: 'service', billable: true };
const sdkConversation = { conversation_id: '7270432eae37498234f4444b35ffc5', conversation_type: 'service' };
const draftUser = 'user.9373795779eb6441c8adb2eaee5b848e7dd174ddd302d7db62142f4722d574b6';
const regularMarketing = { pricing_model: 'PMP', pricing_type: 'regular', pricing_category: 'marketing', billable: true };

/** Conversation pricing, no person that can be read, category as the sample says. */
function conversationPriced(category: string): ExpectedFacts[string] {
  const at = '2023-06-01T13:37:53Z';
  const pricing = { pricing_model: 'CBP', pricing_category: category, billable: true };
  return {
    fact_status: [
      {
        ...{ message_id: 'wamid.ID', status: 'delivered', occurred_at: at, ...customer, ...pricing },
        ...{ conversation_id: 'CONVERSATION_ID', conversation_type: category },
      },
    ],
    fact_message: [
      {
        ...{ message_key: 'wamid.ID', message_id: 'wamid.ID', origin_known: false, message_at: at, ...customer },
        ...{ delivered_at: at, priced_at: at, ...pricing },
      },
    ],
  };
}

export const deliveredStatuses: ExpectedFacts = {
  'statuses.delivered.cbp_authentication.json': conversationPriced('authentication'),
  'statuses.delivered.cbp_marketing.json': conversationPriced('marketing'),
  'statuses.delivered.cbp_utility.json': conversationPriced('utility'),

  'statuses.delivered.cbp_service.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA',
        status: 'delivered',
        occurred_at: '2025-06-18T16:22:53Z',
        ...sheena,
        ...shop,
        ...service,
        conversation_id: '6ceb9d929c9bdc4f90e967a32f8639b4',
        conversation_type: 'service',
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA',
        origin_known: false,
        message_at: '2025-06-18T16:22:53Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA',
        ...sheena,
        country: 'US',
        ...shop,
        delivered_at: '2025-06-18T16:22:53Z',
        priced_at: '2025-06-18T16:22:53Z',
        ...service,
      },
    ],
    ...sheenaRows,
  },

  'statuses.delivered.cbp_service.sdk.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'delivered',
        occurred_at: '2023-10-25T20:49:05Z',
        ...testName,
        ...sdkTaps,
        ...service,
        ...sdkConversation,
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.xyzxyz',
        origin_known: false,
        message_at: '2023-10-25T20:49:05Z',
        message_id: 'wamid.xyzxyz',
        ...testName,
        country: 'IL',
        ...sdkTaps,
        delivered_at: '2023-10-25T20:49:05Z',
        priced_at: '2023-10-25T20:49:05Z',
        ...service,
      },
    ],
    ...testNameRows('2023-10-25T20:49:05Z'),
  },

  'statuses.delivered.conversation_no_expiration.json': {
    fact_status: [
      {
        message_id: 'wamid.ID',
        status: 'delivered',
        occurred_at: '2022-11-23T20:02:58Z',
        ...placeholder,
        conversation_id: 'CONVERSATION_ID',
        conversation_type: 'user_initiated',
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.ID',
        origin_known: false,
        message_at: '2022-11-23T20:02:58Z',
        message_id: 'wamid.ID',
        ...placeholder,
        delivered_at: '2022-11-23T20:02:58Z',
      },
    ],
  },

  'statuses.delivered.empty_phone.draft_bsuid.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        status: 'delivered',
        occurred_at: '2025-06-15T23:27:53Z',
        user_alias: user(draftUser),
        ...shop,
        ...regularMarketing,
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        origin_known: false,
        message_at: '2025-06-15T23:27:53Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        user_alias: user(draftUser),
        ...shop,
        delivered_at: '2025-06-15T23:27:53Z',
        priced_at: '2025-06-15T23:27:53Z',
        ...regularMarketing,
      },
    ],
    contact_alias: [userRow(draftUser, null)],
  },

  'statuses.delivered.with_contacts.draft_bsuid.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        status: 'delivered',
        occurred_at: '2025-06-15T23:27:53Z',
        ...sheena,
        user_alias: user(draftUser),
        ...shop,
        ...regularMarketing,
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        origin_known: false,
        message_at: '2025-06-15T23:27:53Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        ...sheena,
        user_alias: user(draftUser),
        country: 'US',
        ...shop,
        delivered_at: '2025-06-15T23:27:53Z',
        priced_at: '2025-06-15T23:27:53Z',
        ...regularMarketing,
      },
    ],
    contact_alias: [phoneRow('16505551234', 'US'), userRow(draftUser, null)],
    contact_link: [link(phone('16505551234'), user(draftUser), '2025-06-15T23:27:53Z')],
  },
};
