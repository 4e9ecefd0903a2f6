import type { PhoneNumber } from './campaign.ts';
import type { WebhookBody, WebhookChange } from './emission.ts';
import type { Message } from './message.ts';
import type { Person } from './person.ts';

export type Status = 'sent' | 'delivered' | 'read' | 'played' | 'failed';

/** Texts of the platform's error page for the codes that occur here. */
const errorTexts: Record<number, [title: string, details: string]> = {
  130429: ['Rate limit hit', 'Cloud API message throughput has been reached.'],
  130472: [
    "User's number is part of an experiment",
    "Failed to send message because this user's phone number is part of an experiment",
  ],
  131026: ['Message undeliverable', 'Message Undeliverable.'],
  131047: [
    'Re-engagement message',
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  ],
  131048: [
    'Spam rate limit hit',
    'Message failed to send because there are restrictions on how many messages can be sent from this phone number.',
  ],
  131049: [
    'This message was not delivered to maintain healthy ecosystem engagement.',
    'In order to maintain a healthy ecosystem engagement, the message failed to be delivered.',
  ],
  131050: [
    'Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business',
    'Unable to deliver the message.',
  ],
  132015: ['Template is Paused', 'Template is paused due to low quality so it cannot be sent in a template message.'],
  132016: ['Template is Disabled', 'Template has been paused too many times due to low quality and is now permanently disabled.'],
};

/** The title of an error code. */
export function errorTitle(code: number): string {
  return errorTexts[code]?.[0] ?? 'Something went wrong';
}

/** `statuses[]` of one message, as Cloud API v24 sends it: no conversation. The same arguments give the same object. */
export function statusObject(message: Message, status: Status, at: number, code: number | undefined): Record<string, unknown> {
  const { person, category } = message;
  const object: Record<string, unknown> = { id: message.wamid, status, timestamp: String(at / 1000) };
  if (person.waId !== undefined) object['recipient_id'] = person.waId;
  if (person.userId !== undefined) object['recipient_user_id'] = person.userId;
  object['biz_opaque_callback_data'] = message.sendId;
  if (status === 'sent' || status === 'delivered' || status === 'read') {
    const free = message.insideWindow && message.requestedAt < windowsAreCharged && category !== 'marketing';
    object['pricing'] = {
      billable: !free,
      pricing_model: 'PMP',
      type: free ? 'free_customer_service' : 'regular',
      category,
    };
  }
  if (code !== undefined) {
    const [title, details] = errorTexts[code] ?? ['Something went wrong', 'Something went wrong.'];
    object['errors'] = [
      {
        code,
        title,
        message: title,
        error_data: { details },
        href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
      },
    ];
  }
  // Fields that nobody has announced appear now and then.
  if (message.sendId.endsWith('ff0')) object['message_activity'] = { shared: false };
  return object;
}

/** Since then service messages, and utility templates inside an open window, are charged. */
const windowsAreCharged = Date.UTC(2026, 9, 1);

/** The person as `contacts[]` names them. */
export function contactObject(person: Person, withName: boolean): Record<string, unknown> {
  const contact: Record<string, unknown> = withName ? { profile: { name: person.name } } : {};
  if (person.waId !== undefined) contact['wa_id'] = person.waId;
  if (person.userId !== undefined) contact['user_id'] = person.userId;
  return contact;
}

/** A change of field `messages` for one number; the caller adds `statuses` or `messages`. */
export function messagesChange(number: PhoneNumber, parts: Record<string, unknown>, field = 'messages'): WebhookChange {
  return {
    field,
    value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: number.display, phone_number_id: number.id },
      ...parts,
    },
  };
}

/** A POST about one business account; `time` in epoch seconds for fields other than `messages`. */
export function webhookBody(wabaId: string, changes: WebhookChange[], time?: number): WebhookBody {
  return {
    object: 'whatsapp_business_account',
    entry: [time === undefined ? { id: wabaId, changes } : { id: wabaId, time, changes }],
  };
}
