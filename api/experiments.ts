import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { designHash, experimentSchema } from '../ingest/experiment-command.ts';
import { segmentMetrics } from '../models/experiments/segment-lift.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand, waitUntilApplied } from './command-log.ts';
import { segmentLiftSchema, verdictSchema, verdictSummarySchema } from './experiment-schema.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

const id = z.string().min(1).max(512);
const params = z.object({ id });
/** How long a PUT waits for the warehouse before it answers 202, ms. */
const patienceMs = 2000;

/** Experiments: registered by command, judged from what the warehouse has counted. */
export function experimentsPlugin(
  app: FastifyInstance,
  { log, warehouse, now }: { log: EventLogWriter; warehouse: Warehouse; now: () => Date },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  const tags = ['experiments'];
  const unknown = () => new SluiceError('not_found', { detail: 'no experiment with this id', field: 'id' });

  typed.put(
    '/v1/experiments/:id',
    {
      config: { right: 'putCampaign' },
      schema: {
        tags,
        summary: 'Registers an experiment with its arms and, before the first assignment and send, its plan',
        description:
          'Once anybody is assigned, or a message of the campaign sent, arms, weights, salt, what is measured and the plan are frozen: a change is refused (design_frozen). With a plan its looks decide; without one only the always-valid sequence does.',
        params,
        body: experimentSchema,
        response: {
          200: z.object({ experiment_id: z.string(), design_hash: z.string(), applied: z.literal(true) }),
          202: z.object({ experiment_id: z.string(), design_hash: z.string(), applied: z.literal(false) }),
          ...problems('body_unreadable', 'input_invalid', 'design_frozen', 'log_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const experiment_id = request.params.id;
      const design_hash = designHash(experiment_id, body);
      const before = await warehouse.experimentDesign(experiment_id);
      if (
        before !== null &&
        before.startedAt !== null &&
        isRegistered(before.design) &&
        before.design.design_hash !== design_hash
      ) {
        throw new SluiceError('design_frozen', {
          detail: `${experiment_id}: the first person was assigned, or the first message sent, at ${new Date(before.startedAt).toISOString()}`,
        });
      }
      const actor = request.role as Role; // the guard has let it pass
      const place = await giveCommand(log, { command: 'experiment.put', id: experiment_id, body }, actor, now());
      const applied = await waitUntilApplied(warehouse, place, patienceMs);
      if (!applied) reply.status(202);
      return { experiment_id, design_hash, applied };
    },
  );

  typed.get(
    '/v1/experiments',
    {
      config: { right: 'read' },
      schema: {
        tags,
        summary: 'What is to be said of every experiment now; those that began last first',
        response: { 200: z.object({ experiments: z.array(verdictSummarySchema) }) },
      },
    },
    async () => ({ experiments: await warehouse.experiments(now().getTime()) }),
  );

  typed.get(
    '/v1/experiments/:id',
    {
      config: { right: 'read' },
      schema: {
        tags,
        summary: 'The verdict: what, how sure, what to do next',
        params,
        response: { 200: verdictSchema, ...problems('not_found') },
      },
    },
    async (request) => {
      const verdict = await warehouse.experiment(request.params.id, now().getTime());
      if (verdict === null) throw unknown();
      return verdict;
    },
  );

  typed.get(
    '/v1/experiments/:id/history',
    {
      config: { right: 'read' },
      schema: {
        tags,
        summary: 'What the verdict said at each look, oldest first',
        params,
        response: {
          200: z.object({
            experiment_id: z.string(),
            looks: z.array(z.object({ look: z.number().int(), design_hash: z.string(), verdict: verdictSchema })),
          }),
          ...problems('not_found'),
        },
      },
    },
    async (request) => {
      const looks = await warehouse.experimentHistory(request.params.id);
      if (looks === null) throw unknown();
      return { experiment_id: request.params.id, looks };
    },
  );

  typed.get(
    '/v1/segments/lift',
    {
      config: { right: 'read' },
      schema: {
        tags,
        summary: 'Segments of one experiment against everyone, the rest and the hold-out, ranked by value',
        querystring: z.strictObject({ experiment: id, metric: z.enum(segmentMetrics).default('conversion') }),
        response: { 200: segmentLiftSchema, ...problems('query_invalid', 'not_found') },
      },
    },
    async (request) => {
      const { experiment, metric } = request.query;
      const lift = await warehouse.segmentLift(experiment, metric, now().getTime());
      if (lift === null) throw unknown();
      return lift;
    },
  );
}

/** A campaign's arms make an experiment too, which a registration may still take over: what it measures was never laid down. */
function isRegistered({ design_hash }: { design_hash: string }): boolean {
  return design_hash !== 'campaign';
}
