import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { metricParams } from './metric-params.ts';
import { problems } from './responses.ts';
import { mayDo, type Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import { checked } from './validate.ts';

/** What a figure counts, as the columns of funnel_15m are called: the messages behind it can be listed. */
export const messageCounts = [
  'messages',
  'requested',
  'accepted',
  'held',
  'still_held',
  'attempted',
  'attempted_no_blocks',
  'platform_blocked',
  'sent',
  'delivered',
  'read',
  'played',
  'replied',
  'clicked',
  'converted',
  'unsubscribed',
  'failed',
  'attempted_failed',
  'refused',
  'dropped',
] as const;
export type MessageCount = (typeof messageCounts)[number];

/** The dimensions by which messages can be chosen. */
export const messageDimensions = [
  'campaign',
  'variant',
  'template',
  'category',
  'phone_number',
  'segment',
  'market',
  'error_code',
] as const;
export type MessageDimension = (typeof messageDimensions)[number];

const text = z.string().nullable();
/** One message, with the times of its states; the recipient as far as the reader may see. */
const messageSchema = z.object({
  message_id: z.string().describe('The send id when known, else the platform’s message id'),
  message_at: z.string().describe('Earliest known state'),
  campaign_id: text,
  variant_id: text,
  template_name: text,
  category: text,
  phone_number_id: text.describe('The number it was sent from'),
  segment_id: text,
  market: text,
  contact_id: text.describe('The id in your own books; null where none is linked'),
  phone: text.describe('The recipient’s number; its last four digits unless the role may see people'),
  sent_at: text,
  delivered_at: text,
  read_at: text,
  replied_at: text.describe('First counted reply within the window'),
  clicked_at: text,
  converted_at: text,
  unsubscribed_at: text,
  failed_at: text,
  error_code: text,
});
export type CountedMessage = z.output<typeof messageSchema>;

export interface MessageQuestion {
  counts: MessageCount;
  where: Partial<Record<MessageDimension, readonly string[]>>;
  /** Half-open range over the message's time; all of it where absent. */
  from?: Date;
  to?: Date;
  limit: number;
}

/** What the list of messages asks of the warehouse. */
export interface MessageWarehouse {
  /** The newest messages that a figure counts, with numbers in the open; one more than `limit` where there are more. */
  messages(question: MessageQuestion): Promise<CountedMessage[]>;
}

/** The message as this role may see it. */
export function shownTo(role: Role, message: CountedMessage): CountedMessage {
  if (message.phone === null || mayDo(role, 'seePeople')) return message;
  return { ...message, phone: `…${message.phone.slice(-4)}` };
}

const params = z.strictObject({
  counts: z.enum(messageCounts).default('messages').describe('Which messages: the part of a metric, as the catalogue names it'),
  from: z.string().optional().describe('As of /v1/metrics'),
  to: z.string().optional(),
  zone: z.string().default('UTC'),
  where: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .describe(`As of /v1/metrics; by ${messageDimensions.join(', ')}`),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /v1/messages`: the messages behind a figure. */
export function messageDeskPlugin(app: FastifyInstance, { warehouse }: { warehouse: MessageWarehouse }): void {
  app.withTypeProvider<ZodInput>().get(
    '/v1/messages',
    {
      schema: {
        tags: ['metrics'],
        summary: 'The messages that a figure counts, newest first',
        description:
          'A figure’s numerator and denominator are parts such as `read` and `delivered` (see /v1/metrics/catalog); with the same range and filters the list has as many messages. Numbers are shown by their last four digits, unless the role may see people.',
        querystring: params,
        response: {
          200: z.object({ truncated: z.boolean(), messages: z.array(messageSchema) }),
          ...problems('query_invalid', 'warehouse_busy'),
        },
      },
    },
    async (request) => {
      const { counts, ...range } = request.query;
      const { from, to, where, limit } = checked(metricParams, { metrics: 'messages', ...range }, 'query_invalid');
      const unknown = Object.keys(where).find((name) => !messageDimensions.some((known) => known === name));
      if (unknown !== undefined) {
        throw new SluiceError('query_invalid', {
          field: 'where',
          detail: `where: messages are not known by "${unknown}"; they are by ${messageDimensions.join(', ')}`,
        });
      }
      const found = await warehouse.messages({
        counts,
        where,
        limit,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      const role = (request.role ?? 'analyst') as Role;
      return { truncated: found.length > limit, messages: found.slice(0, limit).map((message) => shownTo(role, message)) };
    },
  );
}
