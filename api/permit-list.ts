import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Permit } from '../controller/permit.ts';
import { SluiceError } from '../sql/errors.ts';
import { answerText, type PermitBody, permitBodySchema, permitSchema, requestOf } from './permit-body.ts';
import type { PermitOffice } from './permit-desk.ts';
import { toSluiceError } from './problem.ts';
import type { Role } from './roles.ts';
import { checkInputQuickly } from './validate.ts';

/** Most requests in one list. */
export const mostRequests = 1000;
/** Requests of a list that are judged in one turn: others must not wait for a whole list. */
const atOnce = 250;

const listSchema = z
  .array(z.unknown())
  .min(1, 'nothing is asked for')
  .max(mostRequests, `at most ${mostRequests} requests in one list`);

/** A request in its place that got no permit. */
const refusalSchema = z.object({
  request_id: z.string().optional().describe('Absent where the request names none'),
  granted: z.literal(0),
  code: z.string().describe('Of the error that the request alone would be answered with'),
  field: z.string().optional(),
  message: z.string(),
});
type Refusal = z.output<typeof refusalSchema>;

export const listAnswerSchema = z.array(z.union([permitSchema.extend({ request_id: z.string() }), refusalSchema]));

const route = { method: 'POST', url: '/v1/permits', httpPart: 'body' } as const;
const checkOne = checkInputQuickly({ ...route, schema: permitBodySchema });
const checkList = checkInputQuickly({ ...route, schema: listSchema });

/** Checks one request whole, and of a list only that it is one: each of its requests is checked by itself. */
export function checkOneOrList(data: unknown): ReturnType<typeof checkOne> {
  return Array.isArray(data) ? checkList(data) : checkOne(data);
}

/** Many requests in one body: each is judged, granted once and answered as if it had come alone, and what is granted is durable together. */
export class PermitLists {
  constructor(private readonly office: PermitOffice) {}

  /**
   * The answers as JSON, each in the place of its request.
   * @throws SluiceError when nothing of it could be answered because of us: the whole may be asked again then
   */
  async ask(bodies: readonly unknown[], actor: Role): Promise<string> {
    const asked: Promise<Permit | SluiceError>[] = [];
    for (const [index, body] of bodies.entries()) {
      if (index % atOnce === atOnce - 1) await setImmediate();
      asked.push(this.one(body, actor));
    }
    const answers = await Promise.all(asked);
    const [first] = answers;
    if (first instanceof SluiceError && answers.every((answer) => answer instanceof SluiceError && answer.status >= 500)) {
      throw first;
    }
    return `[${answers.map((answer, index) => text(bodies[index], answer)).join(',')}]`;
  }

  private one(body: unknown, actor: Role): Promise<Permit | SluiceError> {
    return new Promise((resolve) => {
      const { error } = checkOne(body) as { error?: SluiceError };
      if (error !== undefined) return resolve(error);
      this.office.ask(requestOf(body as PermitBody), actor, (problem, grant) => {
        resolve(grant === null ? toSluiceError(problem) : grant.answer);
      });
    });
  }
}

function text(body: unknown, answer: Permit | SluiceError): string {
  const { request_id } = (body ?? {}) as { request_id?: unknown };
  const named = typeof request_id === 'string' ? request_id : undefined;
  if (!(answer instanceof SluiceError)) return answerText(answer, named);
  const { code, title, detail, field } = answer;
  const refusal: Refusal = {
    request_id: named,
    granted: 0,
    code,
    field,
    message: code === 'internal' ? title : (detail ?? title),
  };
  return JSON.stringify(refusal);
}
