import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import type { Config } from './config.ts';
import { fileResponse, problems } from './responses.ts';
import { signatureChecker } from './signature.ts';
import type { WebhookOutcome } from './telemetry.ts';

/** Meta sends up to 3 MB (platform-facts §1); a little more is let through. */
export const webhookLimit = 3_250_000;
const nothing = Buffer.alloc(0);

/** `GET/POST /webhooks/whatsapp`. The POST is the hot path: it verifies, appends and answers, and runs no hook of ours. */
export function webhookPlugin(
  app: FastifyInstance,
  options: {
    config: Config['webhook'];
    log: EventLogWriter;
    now: () => Date;
    count: (outcome: WebhookOutcome) => void;
    /** Told of each webhook once it is durable. */
    heard?: (body: Uint8Array, place: { partition: string; offset: bigint }) => void;
  },
): void {
  const { config, log, now, count, heard } = options;
  const check = signatureChecker(config.appSecrets);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: webhookLimit }, (_request, body, done) => done(null, body));

  app.setErrorHandler((error: { code?: string }) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') count('too_large');
    throw error; // the app's own handler answers
  });

  app.get(
    '/webhooks/whatsapp',
    {
      schema: {
        tags: ['intake'],
        summary: 'Answers the handshake of the Meta app',
        security: [],
        querystring: z.object({ 'hub.mode': z.string(), 'hub.challenge': z.string().max(1024), 'hub.verify_token': z.string() }),
        response: {
          200: fileResponse('The challenge, alone', 'text/plain'),
          ...problems('query_invalid', 'webhook_verify_refused'),
        },
      },
    },
    (request, reply) => {
      const query = request.query as { 'hub.mode': string; 'hub.challenge': string; 'hub.verify_token': string };
      const fits = config.verifyToken !== null && sameSecret(query['hub.verify_token'], config.verifyToken);
      if (query['hub.mode'] !== 'subscribe' || !fits) throw new SluiceError('webhook_verify_refused');
      return reply.type('text/plain; charset=utf-8').send(query['hub.challenge']);
    },
  );

  app.post(
    '/webhooks/whatsapp',
    {
      bodyLimit: webhookLimit,
      schema: {
        tags: ['intake'],
        summary: 'Takes a signed webhook; 200 once it is durable',
        description: 'Verified by X-Hub-Signature-256 over the raw bytes. Anything but 200 makes the platform send it again.',
        security: [],
        response: {
          200: fileResponse('Durable; the body is empty', 'text/plain'),
          ...problems(
            'webhook_body_invalid',
            'webhook_signature_missing',
            'webhook_signature_invalid',
            'body_too_large',
            'log_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const body = (request.body as Buffer | undefined) ?? nothing;
      const signature = check(request.headers['x-hub-signature-256'], body);
      if (signature !== 'valid') {
        count(signature === 'missing' ? 'signature_missing' : 'signature_invalid');
        throw new SluiceError(signature === 'missing' ? 'webhook_signature_missing' : 'webhook_signature_invalid');
      }
      if (!mayBeJsonObject(body)) {
        count('not_json');
        throw new SluiceError('webhook_body_invalid');
      }
      try {
        const place = await log.append('webhook', body, BigInt(now().getTime()) * 1000n);
        heard?.(body, place);
      } catch (error) {
        count('log_unavailable');
        reply.header('retry-after', 5);
        throw error instanceof SluiceError ? error : new SluiceError('log_unavailable', { cause: error });
      }
      count('accepted');
      reply.send('');
      return reply;
    },
  );
}

/** Whether the first byte that is not white space opens an object. Anything that passes is kept, quarantined if need be. */
export function mayBeJsonObject(body: Uint8Array): boolean {
  for (const byte of body) if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte === 0x7b;
  return false;
}

function sameSecret(shown: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(shown), digest(secret));
}
