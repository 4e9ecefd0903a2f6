import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { methods } from '../models/statistics/methods.ts';
import { jsonNumbers } from '../models/statistics/numbers-json.ts';
import { SluiceError } from '../sql/errors.ts';
import { refusals } from '../sql/refusals.ts';
import { problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import { checked } from './validate.ts';

const answer = z
  .record(z.string(), z.unknown())
  .describe('Numbers that are not finite are the texts "Infinity", "-Infinity", "NaN"');
const refused = problems('body_unreadable', 'input_invalid', ...(Object.keys(refusals) as (keyof typeof refusals)[]));

/** `POST /v1/calculator/{method}`: every statistical method as a pure function over HTTP. Nothing is stored. */
export function calculatorPlugin(app: FastifyInstance): void {
  const typed = app.withTypeProvider<ZodInput>();
  for (const [name, { summary, schema, run }] of methods) {
    typed.post(
      `/v1/calculator/${name}`,
      {
        config: { right: 'read' },
        schema: { tags: ['calculator'], summary, body: schema, response: { 200: answer, ...refused } },
      },
      (request) => jsonNumbers(run(request.body)),
    );
  }
  typed.post(
    '/v1/calculator/:method',
    {
      config: { right: 'read' },
      schema: {
        tags: ['calculator'],
        summary: 'Any other method: there is none, and the answer lists them',
        params: z.object({ method: z.string() }),
        response: { 200: answer, ...problems('method_unknown') },
      },
    },
    (request) => {
      throw unknownMethod(request.params.method);
    },
  );
}

/**
 * One calculation without a server.
 * @throws SluiceError `method_unknown`, `input_invalid`, or the method's own refusal
 */
export function calculate(name: string, input: unknown): unknown {
  const method = methods.get(name);
  if (method === undefined) throw unknownMethod(name);
  return jsonNumbers(method.run(checked(method.schema, input)));
}

function unknownMethod(name: string): SluiceError {
  return new SluiceError('method_unknown', { detail: `"${name}"; there are ${[...methods.keys()].join(', ')}` });
}
