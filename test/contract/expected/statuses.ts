import {
  type ExpectedFacts,
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
import { deliveredStatuses } from './statuses-delivered.ts';

const service = { pricing_model: 'CBP', pricing_category: 'service', billable: true };
const sdkConversation = { conversation_id: '7270432eae37498234f4444b35ffc5', conversation_type: 'service' };
const regularMarketing = { pricing_model: 'PMP', pricing_type: 'regular', pricing_category: 'marketing', billable: true };

export const statuses: ExpectedFacts = {
  ...deliveredStatuses,
  // No phone at all: wa_id and recipient_id are empty. The draft form of a user id names no country.
  // The user id stands only in contacts, beside the number that the status names.
  'statuses.failed.130472_experiment.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'failed',
        occurred_at: '2023-07-15T00:20:58Z',
        ...testName,
        ...sdkTaps,
        error_code: 130472,
        error_title: "User's number is part of an experiment",
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.xyzxyz',
        origin_known: false,
        message_at: '2023-07-15T00:20:58Z',
        message_id: 'wamid.xyzxyz',
        ...testName,
        country: 'IL',
        ...sdkTaps,
        failed_at: '2023-07-15T00:20:58Z',
        refused: false,
        error_code: 130472,
        error_title: "User's number is part of an experiment",
      },
    ],
    ...testNameRows('2023-07-15T00:20:58Z'),
  },

  'statuses.failed.131049.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0QUQ2MjA4NEYyRkExNjMyREUA',
        status: 'failed',
        occurred_at: '2025-06-28T20:34:48Z',
        ...sheena,
        ...shop,
        error_code: 131049,
        error_title: 'This message was not delivered to maintain healthy ecosystem engagement.',
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0QUQ2MjA4NEYyRkExNjMyREUA',
        origin_known: false,
        message_at: '2025-06-28T20:34:48Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0QUQ2MjA4NEYyRkExNjMyREUA',
        ...sheena,
        country: 'US',
        ...shop,
        failed_at: '2025-06-28T20:34:48Z',
        refused: false,
        error_code: 131049,
        error_title: 'This message was not delivered to maintain healthy ecosystem engagement.',
      },
    ],
    ...sheenaRows,
  },

  // An old error: code and title only; the recipient is a placeholder.
  'statuses.failed.131053.json': {
    fact_status: [
      {
        message_id: 'amid.ID',
        status: 'failed',
        occurred_at: '2023-01-28T13:30:47Z',
        phone_number_id: '102944729380254',
        waba_id: '114957184830690',
        error_code: 131053,
        error_title: 'ERROR_TITLE',
      },
    ],
    fact_message: [
      {
        message_key: 'amid.ID',
        origin_known: false,
        message_at: '2023-01-28T13:30:47Z',
        message_id: 'amid.ID',
        phone_number_id: '102944729380254',
        waba_id: '114957184830690',
        failed_at: '2023-01-28T13:30:47Z',
        refused: false,
        error_code: 131053,
        error_title: 'ERROR_TITLE',
      },
    ],
  },

  // A voice message that was played was delivered; whether it was read is not said.
  'statuses.played.cbp_service.sdk.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'played',
        occurred_at: '2023-07-15T00:20:58Z',
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
        message_at: '2023-07-15T00:20:58Z',
        message_id: 'wamid.xyzxyz',
        ...testName,
        country: 'IL',
        ...sdkTaps,
        delivered_at: '2023-07-15T00:20:58Z',
        played_at: '2023-07-15T00:20:58Z',
        priced_at: '2023-07-15T00:20:58Z',
        ...service,
      },
    ],
    ...testNameRows('2023-07-15T00:20:58Z'),
  },

  'statuses.read.cbp_service.sdk.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'read',
        occurred_at: '2023-07-15T00:20:58Z',
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
        message_at: '2023-07-15T00:20:58Z',
        message_id: 'wamid.xyzxyz',
        ...testName,
        country: 'IL',
        ...sdkTaps,
        delivered_at: '2023-07-15T00:20:58Z',
        read_at: '2023-07-15T00:20:58Z',
        priced_at: '2023-07-15T00:20:58Z',
        ...service,
      },
    ],
    ...testNameRows('2023-07-15T00:20:58Z'),
  },

  'statuses.read.conversation_no_pricing.json': {
    fact_status: [
      {
        message_id: 'wamid.ID',
        status: 'read',
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
        read_at: '2022-11-23T20:02:58Z',
      },
    ],
  },

  // The recipient is the group; the member is named by a placeholder number and a real user id.
  'statuses.read.group_participant.json': {
    fact_status: [
      {
        message_id: '<WHATSAPP_MESSAGE_ID>',
        participant_alias: user('US.123456'),
        status: 'read',
        occurred_at: '2023-10-25T20:49:05Z',
        user_alias: user('US.123456'),
        phone_number_id: '<BUSINESS_PHONE_NUMBER_ID>',
        waba_id: '<WHATSAPP_BUSINESS_ACCOUNT_ID>',
      },
    ],
    fact_message: [
      {
        message_key: `<WHATSAPP_MESSAGE_ID>/${user('US.123456')}`,
        origin_known: false,
        message_at: '2023-10-25T20:49:05Z',
        message_id: '<WHATSAPP_MESSAGE_ID>',
        participant_alias: user('US.123456'),
        user_alias: user('US.123456'),
        country: 'US',
        phone_number_id: '<BUSINESS_PHONE_NUMBER_ID>',
        waba_id: '<WHATSAPP_BUSINESS_ACCOUNT_ID>',
        delivered_at: '2023-10-25T20:49:05Z',
        read_at: '2023-10-25T20:49:05Z',
      },
    ],
    contact_alias: [userRow('US.123456', 'US')],
  },

  // The callback data is plain text, so it is the send id.
  'statuses.sent.biz_opaque_callback_data.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'sent',
        occurred_at: '2023-10-25T20:49:05Z',
        send_id: 'some data',
        callback_data: 'some data',
        ...testName,
        ...sdkTaps,
        ...service,
        ...sdkConversation,
      },
    ],
    fact_message: [
      {
        message_key: 'some data',
        origin_known: true,
        message_at: '2023-10-25T20:49:05Z',
        message_id: 'wamid.xyzxyz',
        ...testName,
        country: 'IL',
        ...sdkTaps,
        sent_at: '2023-10-25T20:49:05Z',
        priced_at: '2023-10-25T20:49:05Z',
        ...service,
      },
    ],
    ...testNameRows('2023-10-25T20:49:05Z'),
  },

  'statuses.sent.cbp_service.sdk.json': {
    fact_status: [
      {
        message_id: 'wamid.xyzxyz',
        status: 'sent',
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
        sent_at: '2023-10-25T20:49:05Z',
        priced_at: '2023-10-25T20:49:05Z',
        ...service,
      },
    ],
    ...testNameRows('2023-10-25T20:49:05Z'),
  },

  'statuses.sent.minimal_v24.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        status: 'sent',
        occurred_at: '2025-06-15T23:27:53Z',
        ...sheena,
        ...shop,
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        origin_known: false,
        message_at: '2025-06-15T23:27:53Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        ...sheena,
        country: 'US',
        ...shop,
        sent_at: '2025-06-15T23:27:53Z',
      },
    ],
    ...sheenaRows,
  },

  'statuses.sent.pmp_marketing_with_conversation.json': {
    fact_status: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        status: 'sent',
        occurred_at: '2025-06-15T23:27:53Z',
        ...sheena,
        ...shop,
        ...regularMarketing,
        conversation_id: '72b14d6bd5407799e66f64d1b338e567',
        conversation_type: 'marketing',
      },
    ],
    fact_message: [
      {
        message_key: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        origin_known: false,
        message_at: '2025-06-15T23:27:53Z',
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        ...sheena,
        country: 'US',
        ...shop,
        sent_at: '2025-06-15T23:27:53Z',
        priced_at: '2025-06-15T23:27:53Z',
        ...regularMarketing,
      },
    ],
    ...sheenaRows,
  },
};
