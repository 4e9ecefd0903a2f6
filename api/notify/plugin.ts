import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ControlRoom } from '../control-view.ts';
import { problems } from '../responses.ts';
import type { ZodInput } from '../typed.ts';
import type { Notifier } from './notifier.ts';

const instant = z.string();
const noticeSchema = z.object({
  webhook_id: z.string().describe('The same in the header webhook-id: the decision'),
  to: z.string().describe('Scheme and host of the address'),
  scope: z.string(),
  state: z.string(),
  may_send: z.boolean(),
  sentence: z.string(),
  decided_at: instant,
  attempts: z.number().int(),
  acknowledged_at: instant.nullable().describe('When the sender answered 2xx; null while it has not'),
  dropped: z.enum(['superseded', 'gone', 'given_up']).nullable().describe('Why it is not brought any more'),
  last_send_at: instant.nullable().describe('Of a stop: the last minute after it in which messages of the scope were sent'),
  stopped_after_seconds: z
    .number()
    .nullable()
    .describe('Of a stop: how long sends went on, to the minute, by webhooks and events; null while they do, or it is too early'),
});

/** `GET /v1/control/notices`: what senders were told, whether they heard it, and whether they stopped. */
export function noticesPlugin(app: FastifyInstance, { notifier, control }: { notifier: Notifier; control: ControlRoom }): void {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  app.withTypeProvider<ZodInput>().get(
    '/v1/control/notices',
    {
      config: { right: 'read' },
      schema: {
        tags: ['control'],
        summary: 'Control webhooks sent since the start, newest first: acknowledged or not, and how soon the sends stopped',
        querystring: z.strictObject({
          scope: z.string().max(5000).optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: { 200: z.object({ notices: z.array(noticeSchema) }), ...problems('query_invalid') },
      },
    },
    async (request) => {
      const { scope, limit } = request.query;
      const views = notifier.views(control.counted?.cohorts ?? []).filter(({ key }) => scope === undefined || key === scope);
      return {
        notices: views
          .slice(0, limit)
          .map(({ id, to, notice, attempts, acknowledged_at, dropped, last_send_at, stopped_after_ms }) => ({
            webhook_id: id,
            to,
            scope: notice.scope,
            state: notice.state,
            may_send: notice.may_send,
            sentence: notice.reason.sentence,
            decided_at: notice.decided_at,
            attempts,
            acknowledged_at: iso(acknowledged_at),
            dropped,
            last_send_at: iso(last_send_at),
            stopped_after_seconds: stopped_after_ms === null ? null : stopped_after_ms / 1000,
          })),
      };
    },
  );
}
