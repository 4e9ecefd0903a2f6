import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type {} from './auth.ts';
import { forgetAnswer, type PrivacyDesk, sweepAnswer } from './privacy-desk.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';

const person = z.strictObject({
  contact_id: z.string().min(1).max(512).optional(),
  phone: z.string().min(5).max(40).optional().describe('International form'),
  user_id: z.string().min(1).max(256).optional(),
});

/** Forgetting, and telling what is held: for admins. Names travel in the body, so that no access log has them. */
export function privacyPlugin(app: FastifyInstance, desk: Pick<PrivacyDesk, 'forget' | 'heldOn' | 'sweep'>): void {
  const typed = app.withTypeProvider<ZodInput>();
  const tags = ['people'];
  const config = { right: 'administer' } as const;
  typed.post(
    '/v1/people/forget',
    {
      config,
      schema: {
        tags,
        summary: 'Forgets a person everywhere; the counts stay',
        description:
          'The wish is durable when this answers. The next sweep (within a day, or POST /v1/people/sweep) rewrites archive and warehouse.',
        body: person,
        response: { 202: forgetAnswer, ...problems('input_invalid', 'person_unnamed', 'log_unavailable') },
      },
    },
    async (request, reply) => {
      const role: Role = request.role ?? 'admin';
      return reply.status(202).send(await desk.forget(request.body, role));
    },
  );
  typed.post(
    '/v1/people/export',
    {
      config,
      schema: {
        tags,
        summary: 'All that is held on one person',
        body: person.extend({
          records: z.boolean().default(false).describe('Also the parts of raw records that name them; reads the whole history'),
        }),
        response: { 200: z.object({ as_of: z.string() }).loose(), ...problems('input_invalid', 'person_unnamed') },
      },
    },
    (request) => {
      const { records, ...names } = request.body;
      return desk.heldOn(names, records);
    },
  );
  typed.post(
    '/v1/people/sweep',
    { config, schema: { tags, summary: 'Carries out what waits: forgetting and ageing out', response: { 200: sweepAnswer } } },
    () => desk.sweep(),
  );
}
