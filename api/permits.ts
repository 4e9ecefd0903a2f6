import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { answerText, id, permitBodySchema, permitSchema, requestOf } from './permit-body.ts';
import type { PermitOffice } from './permit-desk.ts';
import { checkOneOrList, listAnswerSchema, mostRequests, PermitLists } from './permit-list.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import { checkInputQuickly } from './validate.ts';

/** Sending rights: asked for before the send, durable before they are answered. */
export function permitsPlugin(app: FastifyInstance, office: PermitOffice): void {
  const typed = app.withTypeProvider<ZodInput>();
  const lists = new PermitLists(office);
  app.setValidatorCompiler(checkInputQuickly);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new SluiceError('body_unreadable', { detail: 'the body is not JSON' }));
    }
  });

  typed.post(
    '/v1/permits',
    {
      config: { right: 'permit' },
      validatorCompiler: () => checkOneOrList,
      schema: {
        tags: ['control'],
        security: [{ token: [] }],
        summary: 'Asks for sending rights, by count or for a list of people',
        description: `Send only what is granted, before \`expires_at\`. No answer, an error or 0 granted means: send nothing. Of a list of people, those may be written to who are not in \`denied\`. An array of up to ${mostRequests} requests is answered by an array, each request in its place as if it had come alone: a permit with its \`request_id\`, or 0 granted with the \`code\` of the error.`,
        body: z.union([permitBodySchema, z.array(permitBodySchema).min(1).max(mostRequests)]),
        response: {
          200: z.union([permitSchema, listAnswerSchema]),
          ...problems('body_unreadable', 'input_invalid', 'request_id_reused', 'log_unavailable', 'control_starting'),
        },
      },
    },
    (request, reply) => {
      const { body } = request;
      const role = request.role as Role;
      const answer = (text: string) => reply.header('content-type', 'application/json; charset=utf-8').send(text);
      if (Array.isArray(body)) {
        lists.ask(body, role).then(answer, (error) => reply.send(error));
        return;
      }
      office.ask(requestOf(body), role, (error, grant) => {
        if (grant === null) reply.send(error);
        else answer(answerText(grant.answer));
      });
    },
  );

  typed.post(
    '/v1/permits/:id/return',
    {
      config: { right: 'permit' },
      schema: {
        tags: ['control'],
        security: [{ token: [] }],
        summary: 'Gives rights back that will not be used',
        description: 'Saying the same again changes nothing: `count` is how many of the permit will not be used, in all.',
        params: z.object({ id }),
        body: z.object({ count: z.number().int().min(1) }),
        response: {
          200: z.object({ permit_id: z.string(), returned: z.number().int().describe('How many came back by this request') }),
          ...problems('body_unreadable', 'input_invalid', 'not_found', 'permit_over', 'log_unavailable', 'control_starting'),
        },
      },
    },
    async (request) => {
      const { id: permit_id } = request.params;
      return { permit_id, ...(await office.giveBack(permit_id, request.body.count, request.role as Role)) };
    },
  );
}
