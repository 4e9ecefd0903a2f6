import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { eventSchema, type FirstPartyEventInput } from '../ingest/event.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import { decodeUtf8, jsonEvents, ndjsonEvents, readEvent } from './event-body.ts';
import { problems } from './responses.ts';
import type { Telemetry } from './telemetry.ts';
import { explainIssue } from './validate.ts';

export const eventsLimit = { bytes: 10_000_000, events: 10_000 };

export const eventsAnswer = z.object({
  accepted: z.number().int().describe('Events that are durable now'),
  rejected: z.array(
    z.object({
      index: z.number().int().describe('Place in the body, from 0; blank lines of NDJSON are not counted'),
      id: z.string().optional(),
      code: z.string(),
      field: z.string().optional(),
      message: z.string(),
    }),
  ),
});
export type EventsAnswer = z.output<typeof eventsAnswer>;
type Rejection = EventsAnswer['rejected'][number];

const knownTypes = eventSchema.options.map((option) => option.shape.type.value);

/** `POST /v1/events`: each event stands for itself; the good ones are one durable record when the answer comes. */
export function eventsPlugin(
  app: FastifyInstance,
  { log, now, telemetry }: { log: EventLogWriter; now: () => Date; telemetry: Telemetry },
): void {
  app.removeAllContentTypeParsers();
  const mediaTypes = ['application/json', 'application/x-ndjson', 'application/ndjson'];
  app.addContentTypeParser(mediaTypes, { parseAs: 'buffer', bodyLimit: eventsLimit.bytes }, (_request, body, done) =>
    done(null, body),
  );

  app.post(
    '/v1/events',
    {
      bodyLimit: eventsLimit.bytes,
      config: { right: 'sendEvents' },
      // The body is checked event by event below, so that the good ones go through; the schema here is the description.
      validatorCompiler: () => (value) => ({ value }),
      schema: {
        tags: ['intake'],
        summary: 'Takes first-party events; each stands for itself',
        description: `A JSON array, one object, or NDJSON (application/x-ndjson); at most ${eventsLimit.events} events and ${eventsLimit.bytes} bytes. Sending an event again under the same id changes nothing. Unknown keys are kept.`,
        consumes: mediaTypes,
        body: z.array(eventSchema),
        response: {
          200: eventsAnswer,
          ...problems('body_unreadable', 'body_too_large', 'media_type_unsupported', 'log_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const text = decodeUtf8(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      const lines = /ndjson/i.test(request.headers['content-type'] ?? '');
      const texts = lines ? ndjsonEvents(text) : jsonEvents(text);
      if (lines && texts.length === 0) throw new SluiceError('body_unreadable', { detail: 'the body is empty' });
      if (texts.length > eventsLimit.events) {
        throw new SluiceError('body_too_large', {
          detail: `${texts.length} events; at most ${eventsLimit.events} in one request`,
        });
      }
      const { accepted, rejected } = await judge(texts, lines);
      if (accepted.length > 0) {
        try {
          await log.append('event', Buffer.from(`[${accepted.join(',')}]`), BigInt(now().getTime()) * 1000n);
        } catch (error) {
          reply.header('retry-after', 5);
          throw error instanceof SluiceError ? error : new SluiceError('log_unavailable', { cause: error });
        }
      }
      telemetry.events.accepted += accepted.length;
      telemetry.events.rejected += rejected.length;
      return { accepted: accepted.length, rejected } satisfies EventsAnswer;
    },
  );
}

async function judge(texts: string[], lines: boolean): Promise<{ accepted: string[]; rejected: Rejection[] }> {
  const accepted: string[] = [];
  const rejected: Rejection[] = [];
  for (const [index, eventText] of texts.entries()) {
    if (index % 250 === 249) await setImmediate(); // webhooks in between must not wait for ten thousand events
    const { text, value, readable } = readEvent(eventText);
    if (!readable && !lines) throw new SluiceError('body_unreadable', { detail: `element ${index} of the array is not JSON` });
    const rejection = readable ? rejectionOf(value) : { code: 'body_unreadable', message: 'the line is not JSON' };
    if (rejection === null) accepted.push(text);
    else rejected.push({ index, ...rejection });
  }
  return { accepted, rejected };
}

/** What is wrong with an event, null when it fits. */
export function rejectionOf(value: unknown): Omit<Rejection, 'index'> | null {
  const result = eventSchema.safeParse(value, { reportInput: true });
  if (result.success) return null;
  const [issue] = result.error.issues;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'input_invalid', message: 'is not a JSON object' };
  }
  const { id, type } = value as Partial<FirstPartyEventInput>;
  const known = knownTypes.some((name) => name === type);
  const { field, message } = issue === undefined ? { field: '', message: 'does not fit' } : explainIssue(issue);
  return {
    ...(typeof id === 'string' ? { id } : {}),
    code: 'input_invalid',
    ...(known ? { field } : { field: 'type' }),
    message: known ? message : `is not one of ${knownTypes.join(', ')}`,
  };
}
