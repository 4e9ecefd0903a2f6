import {
  type ExpectedFacts,
  type ExpectedRow,
  named,
  phone,
  phoneRow,
  placeholder,
  sdk,
  sdkTaps,
  sheena,
  sheenaRows,
  shop,
  testName,
  testNameRows,
} from './row.ts';

/** Buttons, lists, flows and permissions: what a person taps. A tap on a template's quick reply is a reply and a click. */
const button = { message_type: 'button', counted_type: 'button', counts_as_reply: true };
const interactive = { message_type: 'interactive', counted_type: 'reply', counts_as_reply: true };

/** An interactive answer of "Test Name" to the message `context`. */
function answer(id: string, context: string, at: string, more: ExpectedRow): ExpectedFacts[string] {
  return {
    fact_inbound: [{ message_id: id, occurred_at: at, ...testName, ...sdk, ...interactive, context_id: context, ...more }],
    fact_message: [named(context, at, { replied_at: at })],
    ...testNameRows(at),
  };
}

export const taps: ExpectedFacts = {
  // Business and person have the same number here, and it is too short for a country.
  'messages.button.auth_autofill_template.json': {
    fact_inbound: [
      {
        message_id: 'wamid.HBgLMTIxMTU1NTE0NTYVAgASGCBBQ0I3MjdCNUUzMTE0QjhFQkM4RkQ4MEU3QkE0MUNEMgA=',
        occurred_at: '2025-07-30T23:45:11Z',
        phone_alias: phone('12345678'),
        phone_number_id: '1234567890',
        waba_id: '320580347795883',
        ...button,
        context_id: 'wamid.HBgLMTIxMTU1NTE0NTYVAgARGBJDMDEyMTFDNTE5NkFCOUU3QTEA',
        button_payload: 'DID_NOT_REQUEST_CODE',
      },
    ],
    fact_message: [
      named('wamid.HBgLMTIxMTU1NTE0NTYVAgARGBJDMDEyMTFDNTE5NkFCOUU3QTEA', '2025-07-30T23:45:11Z', {
        replied_at: '2025-07-30T23:45:11Z',
        clicked_at: '2025-07-30T23:45:11Z',
      }),
    ],
    contact_alias: [phoneRow('12345678', null)],
  },

  // "Unsubscribe" on a button is an opt-out: no reply and no click, but proof of delivery.
  'messages.button.quick_reply.json': {
    fact_inbound: [
      {
        message_id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        occurred_at: '2025-06-16T16:24:05Z',
        ...sheena,
        ...shop,
        message_type: 'button',
        counted_type: 'opt_out',
        counts_as_reply: false,
        context_id: 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=',
        button_payload: 'Unsubscribe',
      },
    ],
    fact_consent: [
      {
        event_id: 'inbound:wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=',
        occurred_at: '2025-06-16T16:24:05Z',
        ...sheena,
        category: 'marketing',
        state: 'withdrawn',
        source: 'button',
        detail: 'unsubscribe',
        ...shop,
      },
    ],
    fact_message: [named('wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=', '2025-06-16T16:24:05Z')],
    ...sheenaRows,
  },

  'messages.button.quick_reply.sdk.json': {
    fact_inbound: [
      {
        ...{ message_id: 'wamid.xsidjw', occurred_at: '2023-10-25T21:23:47Z', ...testName, ...sdkTaps, ...button },
        ...{ context_id: 'wamid.xyzxyz==', button_payload: 'callback_data' },
      },
    ],
    fact_message: [
      named('wamid.xyzxyz==', '2023-10-25T21:23:47Z', {
        replied_at: '2023-10-25T21:23:47Z',
        clicked_at: '2023-10-25T21:23:47Z',
      }),
    ],
    ...testNameRows('2023-10-25T21:23:47Z'),
  },

  // Without a context nothing ties the tap to a message.
  'messages.button.without_context.json': {
    fact_inbound: [
      {
        ...{ message_id: 'wamid.xsidjx', occurred_at: '2023-10-25T21:23:47Z', ...testName, ...sdkTaps, ...button },
        button_payload: 'callback_data',
      },
    ],
    ...testNameRows('2023-10-25T21:23:47Z'),
  },

  // The time is a number here; the ad's referral has no click id; the message names itself as its context.
  'messages.button.with_context_and_referral.json': {
    fact_inbound: [
      {
        message_id: 'wamid.ID',
        occurred_at: '2022-11-23T20:02:58Z',
        phone_alias: phone('16315551234'),
        ...placeholder,
        ...button,
        context_id: 'wamid.ID',
        button_payload: 'No-Button-Payload',
        referral_source: 'ad or post',
        referral_id: 'ADID',
        forwarded: true,
      },
    ],
    fact_message: [
      named('wamid.ID', '2022-11-23T20:02:58Z', {
        replied_at: '2022-11-23T20:02:58Z',
        clicked_at: '2022-11-23T20:02:58Z',
      }),
    ],
    contact_alias: [phoneRow('16315551234', 'US')],
  },

  'messages.interactive.button_reply.json': {
    fact_inbound: [
      {
        message_id: 'wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQThBREYwNzc2RDc2QjA1QTIwMgA=',
        occurred_at: '2024-04-30T20:46:43Z',
        ...sheena,
        ...shop,
        ...interactive,
        context_id: 'wamid.HBgLMTY0NjcwNDM1OTUVAgARGBJBM0Y4RUU0RUNFQkFDMjYzQUMA',
        interactive_type: 'button_reply',
        button_payload: 'change-button',
      },
    ],
    fact_message: [
      named('wamid.HBgLMTY0NjcwNDM1OTUVAgARGBJBM0Y4RUU0RUNFQkFDMjYzQUMA', '2024-04-30T20:46:43Z', {
        replied_at: '2024-04-30T20:46:43Z',
      }),
    ],
    ...sheenaRows,
  },

  'messages.interactive.list_reply.json': {
    fact_inbound: [
      {
        message_id: 'wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQTZDMzFGRUFBQjlDMzIzMzlEQwA=',
        occurred_at: '2024-04-08T16:57:23Z',
        ...sheena,
        ...shop,
        ...interactive,
        context_id: 'wamid.HBgLMTY0NjcwNDM1OTUVAgARGBIwMjg0RkMxOEMyMkNEQUFFRDgA',
        interactive_type: 'list_reply',
        button_payload: 'priority_express',
      },
    ],
    fact_message: [
      named('wamid.HBgLMTY0NjcwNDM1OTUVAgARGBIwMjg0RkMxOEMyMkNEQUFFRDgA', '2024-04-08T16:57:23Z', {
        replied_at: '2024-04-08T16:57:23Z',
      }),
    ],
    ...sheenaRows,
  },

  'messages.interactive.button_reply.sdk.json': answer('wamid.xyzxyz', 'wamid.xyzxyz', '2023-10-25T20:45:30Z', {
    ...{ waba_id: '5467539754836534', interactive_type: 'button_reply', button_payload: 'callback_data' },
  }),
  'messages.interactive.list_reply.sdk.json': answer('wamid.zyzxyz', 'wamid.xyzxyz', '2023-10-25T20:48:25Z', {
    ...{ interactive_type: 'list_reply', button_payload: 'callback_data' },
  }),
  'messages.interactive.list_reply.description.json': answer('wamid.zyzxyz', 'wamid.xyzxyz', '2023-10-25T20:48:25Z', {
    ...{ interactive_type: 'list_reply', button_payload: 'callback_data' },
  }),
  'messages.interactive.nfm_reply.json': answer('wamid.wegrchytvwcggt==', 'wamid.gvwegfretge==', '2023-12-13T21:21:13Z', {
    interactive_type: 'nfm_reply',
  }),
  'messages.interactive.nfm_reply.no_flow_token.json': answer(
    'wamid.wegrchytvwcggt==',
    'wamid.gvwegfretge==',
    '2023-12-13T21:21:13Z',
    { interactive_type: 'nfm_reply' },
  ),
  'messages.interactive.call_permission_reply.accept.json': answer('wamid.x', 'wamid.y==', '2025-07-15T12:23:02Z', {
    interactive_type: 'call_permission_reply',
  }),

  // The answer came without its content, and an error of the app beside it, which takes the message's time.
  'messages.interactive_message_with_err.sdk.json': {
    ...answer('wamid.wegrchytvwcggt=', 'wamid.gvwegfretge==', '2023-11-20T18:38:14Z', {}),
    fact_platform_event: [
      {
        field: 'messages',
        event: 'error',
        occurred_at: '2023-11-20T18:38:14Z',
        ...sdk,
        display_phone: '972123456789',
        reason: 'Something went wrong',
        error_code: 131000,
      },
    ],
  },
};
