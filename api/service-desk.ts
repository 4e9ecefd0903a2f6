import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import { wholeMinute } from './whole-minute.ts';

/** A customer who waits for an answer. */
const waitingSchema = z.object({
  contact_id: z.string().nullable().describe('The id in your own books; null where none is linked'),
  phone_ending: z.string().nullable().describe('Last four digits of the number'),
  phone_number_id: z.string().nullable().describe('The number written to'),
  waba_id: z.string().nullable(),
  since: z.string().describe('First message of the turn'),
  last_message_at: z.string(),
  minutes: z.number().describe('Waiting since then'),
  messages: z.number(),
  value_band: z.string().describe('high, middle, low or none'),
  currency: z.string().nullable(),
  spent_micros: z.string().nullable().describe('After refunds, in micro-units of the currency'),
  orders: z.number(),
});
export type WaitingCustomer = z.output<typeof waitingSchema>;

/** What the list of waiting customers asks of the warehouse. */
export interface ServiceWarehouse {
  /**
   * Those who wait for so many minutes or longer at a time (ms since 1970), dearest first; one more than `limit` where there are more. The
   * answer may be as of the minute before.
   */
  unanswered(question: { at: number; minutes: number; limit: number }): Promise<{ at: number; waiting: WaitingCustomer[] }>;
}

const params = z.strictObject({
  minutes: z.coerce.number().int().min(0).max(4320).default(120).describe('Waiting for so long or longer'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /v1/service/unanswered`: the live list of customers who wait for an answer. */
export function serviceDeskPlugin(
  app: FastifyInstance,
  { warehouse, now }: { warehouse: ServiceWarehouse; now: () => Date },
): void {
  app.withTypeProvider<ZodInput>().get(
    '/v1/service/unanswered',
    {
      schema: {
        tags: ['service'],
        summary: 'Customers who wait for an answer, those who spent most first',
        description: 'Who waits for more than 72 hours is not listed any more. Numbers are shown by their last four digits.',
        querystring: params,
        response: {
          200: z.object({ as_of: z.string(), truncated: z.boolean(), waiting: z.array(waitingSchema) }),
          ...problems('query_invalid', 'warehouse_busy'),
        },
      },
    },
    async (request) => {
      const { minutes, limit } = request.query;
      const { at, waiting } = await warehouse.unanswered({ at: wholeMinute(now().getTime()), minutes, limit });
      return { as_of: new Date(at).toISOString(), truncated: waiting.length > limit, waiting: waiting.slice(0, limit) };
    },
  );
}
