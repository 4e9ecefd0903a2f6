import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, SluiceError } from '../sql/errors.ts';
import { wantsPage } from './auth.ts';
import type { Logger } from './logger.ts';
import { renderError } from './pages/error.tsx';
import { languageOf } from './pages/language.ts';
import { pageHeaders } from './pages/security.ts';
import { toldError } from './pages/told-error.ts';
import { throttledWarning } from './throttled-warning.ts';

/** An error as every endpoint answers it: RFC 9457, with the stable code of the catalogue and how to mend it. */
export const problemSchema = z.object({
  type: z.string().describe('Names the kind of error; urn:sluice:error:<code>'),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('Stable; decide on this'),
  detail: z.string().optional().describe('What was wrong in this request'),
  mend: z.string().describe('What to do about it'),
  field: z.string().optional().describe('The field or parameter at fault'),
  request_id: z.string().describe('Stands in the log line too'),
});
z.globalRegistry.add(problemSchema, { id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

/** Any error as one of the catalogue. What Fastify and its plugins throw is mapped by its code, else by its HTTP status. */
export function toSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = frameworkErrors[String(code)] ?? frameworkErrors[String(statusCode)];
  if (known === undefined) return new SluiceError('internal', { cause: error });
  return new SluiceError(known.code, known.detail === undefined ? {} : { detail: known.detail });
}

const frameworkErrors: Record<string, { code: ErrorCode; detail?: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'media_type_unsupported',
    detail: 'application/json is read here; /v1/events also takes application/x-ndjson',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'body_unreadable', detail: 'the body is empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'body_unreadable', detail: 'the body is not JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'body_unreadable', detail: 'the body is not as long as Content-Length says' },
  FST_ERR_BAD_URL: { code: 'not_found', detail: 'the address is not well-formed' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not_found', detail: 'a part of the address is too long' },
  '400': { code: 'body_unreadable' },
  '403': { code: 'forbidden' },
  '404': { code: 'not_found' },
  '405': { code: 'method_not_allowed' },
  '406': { code: 'not_acceptable' },
  '413': { code: 'body_too_large' },
  '415': { code: 'media_type_unsupported' },
  '429': { code: 'rate_limited' },
};

/** Says how much would have been taken, where the framework did not. */
function withLimit(error: SluiceError, request: FastifyRequest): SluiceError {
  const limit = request.routeOptions?.bodyLimit;
  if (error.code !== 'body_too_large' || error.detail !== undefined || limit === undefined) return error;
  return new SluiceError('body_too_large', { detail: `at most ${limit} bytes are taken here`, cause: error });
}

export function toProblem(error: SluiceError, requestId: string): Problem {
  return {
    type: `urn:sluice:error:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    // What went wrong inside is for the log, not for whoever asks.
    ...(error.detail === undefined || error.code === 'internal' ? {} : { detail: error.detail }),
    mend: error.mend,
    ...(error.field === undefined ? {} : { field: error.field }),
    request_id: requestId,
  };
}

/** Answers an error. */
export type ProblemSender = (request: FastifyRequest, reply: FastifyReply, thrown: unknown) => FastifyReply;

/**
 * Errors that are our fault are logged with their cause, the client's are not. One that meets everybody while it lasts, as that the
 * controller is still starting, is logged once in ten seconds: to write each of thousands a second would keep the thread from its work.
 */
export function problemSender(logger: Logger, clock?: () => number): ProblemSender {
  const lines = new Map<ErrorCode, (fields: object) => void>();
  const log = ({ id, routeOptions }: FastifyRequest, error: SluiceError) => {
    const fields = { request_id: id, route: routeOptions?.url, code: error.code, err: error.cause ?? error };
    if (error.code === 'internal') return logger.error(fields, error.title);
    const line = lines.get(error.code) ?? throttledWarning(logger, error.title, clock, 'error');
    lines.set(error.code, line);
    line(fields);
  };
  return (request, reply, thrown) => {
    const error = withLimit(toSluiceError(thrown), request);
    if (error.status >= 500) log(request, error);
    return sendProblem(request, reply, error);
  };
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: SluiceError): FastifyReply {
  const problem = toProblem(error, request.id);
  reply.status(problem.status);
  if (wantsPage(request)) {
    const reference = `${problem.code} · ${problem.request_id}`;
    const language = languageOf(request);
    const told = toldError({ ...problem, code: error.code, detail: problem.detail, field: error.field }, language);
    return reply.headers(pageHeaders).send(renderError({ ...told, status: problem.status, reference, language }));
  }
  return reply.type('application/problem+json').send(JSON.stringify(problem));
}
