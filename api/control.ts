import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { chooseLanguage, isLanguage, type Language } from '../dashboards/locales/locale.ts';
import { knownScope } from './control-known.ts';
import type { ControlLoop } from './control-loop.ts';
import {
  controlSchema,
  decisionRecordSchema,
  explanationSchema,
  overrideBodySchema,
  overrideResultSchema,
} from './control-schema.ts';
import {
  brakedWithin,
  controlAnswer,
  decisionAnswer,
  decisionRecord,
  overrideAnswer,
  scopeOf,
  stateOrNew,
} from './control-view.ts';
import { overrideWish } from './override-wish.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

export interface ControlOptions {
  control: ControlLoop;
  warehouse: Warehouse;
  now: () => Date;
}

const lang = z.enum(['en', 'fr']).optional().describe('Language of the sentences; else by Accept-Language');
/** Decisions of a scope that its explanation tells. */
const told = 10;

/** What is braked and why, the trail, and the operator's hand on the brake. */
export function controlPlugin(app: FastifyInstance, { control, warehouse, now }: ControlOptions): void {
  const typed = app.withTypeProvider<ZodInput>();
  const tags = ['control'];
  const read = { right: 'read' } as const;
  const override = { right: 'overrideControl' } as const;

  typed.get(
    '/v1/control',
    {
      config: read,
      schema: {
        tags,
        summary: 'Every scope with its state, window, evidence and reason; alarms, ledgers, overrides, and how the controller is',
        querystring: z.strictObject({ lang }),
        response: { 200: controlSchema, ...problems('query_invalid') },
      },
    },
    async (request) => controlAnswer(control, languageOf(request), now().getTime()),
  );

  typed.get(
    '/v1/control/decisions',
    {
      config: read,
      schema: {
        tags,
        summary: 'The trail, newest first',
        querystring: z.strictObject({
          scope: z.string().max(5000).optional(),
          changes: z.enum(['true', 'false']).default('false').describe('Only decisions that changed what is allowed'),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          before: z.coerce.number().int().min(1).optional().describe('Only decisions with a smaller seq: the next page'),
          lang,
        }),
        response: { 200: z.object({ decisions: z.array(decisionRecordSchema) }), ...problems('query_invalid') },
      },
    },
    async (request) => {
      const { scope = null, changes, limit, before = null } = request.query;
      const found = await warehouse.decisions({
        scopes: scope === null ? null : [scope],
        changes: changes === 'true',
        limit,
        before_seq: before,
      });
      return { decisions: found.map((decision) => decisionRecord(decision, languageOf(request))) };
    },
  );

  typed.get(
    '/v1/control/explain/:scope',
    {
      config: read,
      schema: {
        tags,
        summary: 'Where one scope stands, why, and what led there',
        params: z.object({ scope: z.string().min(1).max(1600) }),
        querystring: z.strictObject({ lang }),
        response: { 200: explanationSchema, ...problems('query_invalid', 'scope_unknown', 'control_starting') },
      },
    },
    async (request) => {
      const { scope } = request.params;
      const language = languageOf(request);
      await knownScope(scope, { control, warehouse });
      const trail = await warehouse.decisions({ scopes: [scope], changes: true, limit: told, before_seq: null });
      const state = stateOrNew(control, scope, language, now().getTime());
      return {
        scope,
        sentence: state.reason.sentence,
        state,
        related: brakedWithin(control, scope, language).map((one) => ({
          scope: one.scope,
          state: one.state,
          sentence: one.reason.sentence,
        })),
        overrides: control
          .inForce()
          .filter((one) => one.scope === scope)
          .map(overrideAnswer),
        decisions: trail.map((decision) => decisionAnswer(decision, language)),
      };
    },
  );

  typed.post(
    '/v1/control/overrides',
    {
      config: override,
      schema: {
        tags,
        summary: 'Pauses, resumes, limits or holds a scope; in force when this answers',
        body: overrideBodySchema,
        response: {
          201: overrideResultSchema,
          ...problems('body_unreadable', 'input_invalid', 'scope_unknown', 'log_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const wish = overrideWish(request.body, now().getTime());
      await knownScope(wish.scope, { control, warehouse });
      const given = await control.override(wish, request.role as Role); // the guard has let it pass
      reply.status(201);
      return { override: overrideAnswer(given), state: scopeOf(control, given.scope, languageOf(request)) };
    },
  );

  typed.delete(
    '/v1/control/overrides/:id',
    {
      config: override,
      schema: {
        tags,
        summary: 'Takes back what was set; says why',
        params: z.object({ id: z.string().min(1).max(64) }),
        body: z.strictObject({ reason: overrideBodySchema.shape.reason }),
        response: {
          200: z.object({ override_id: z.string(), lifted: z.literal(true) }),
          ...problems('body_unreadable', 'input_invalid', 'not_found', 'log_unavailable'),
        },
      },
    },
    async (request) => {
      await control.lift(request.params.id, request.body.reason, request.role as Role);
      return { override_id: request.params.id, lifted: true };
    },
  );
}

function languageOf(request: FastifyRequest): Language {
  const { lang: asked } = request.query as { lang?: string };
  return isLanguage(asked) ? asked : chooseLanguage(undefined, request.headers['accept-language']);
}
