import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { contactAlias } from '../ingest/alias.ts';
import type { FirstPartyEventInput } from '../ingest/event.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { sha256 } from '../ingest/hash.ts';
import { assignedArm } from '../models/experiments/assignment.ts';
import { SluiceError } from '../sql/errors.ts';
import { problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

const id = z.string().min(1).max(512);
const bodySchema = z.object({
  experiment_id: id,
  contacts: z.array(id).min(1).max(10_000).describe('Your contact ids'),
});
const answerSchema = z.object({
  experiment_id: z.string(),
  assignments: z.array(
    z.object({
      contact_id: z.string(),
      arm_id: z.string(),
      holdout: z.boolean().describe('True: send nothing'),
      is_new: z.boolean().describe('False when the contact was in the experiment already'),
    }),
  ),
});

/** Arms for contacts: by hash, the same for ever, and in the log before anybody hears of them. */
export function assignmentsPlugin(
  app: FastifyInstance,
  { log, warehouse, now }: { log: EventLogWriter; warehouse: Warehouse; now: () => Date },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  typed.post(
    '/v1/assignments',
    {
      config: { right: 'sendEvents' },
      schema: {
        tags: ['experiments'],
        summary: 'Puts contacts into the arms of an experiment; asking again gives the same arms',
        body: bodySchema,
        response: {
          200: answerSchema,
          ...problems('body_unreadable', 'input_invalid', 'not_found', 'log_unavailable'),
        },
      },
    },
    async (request) => {
      const { experiment_id } = request.body;
      const contacts = [...new Set(request.body.contacts)];
      const found = await warehouse.experimentDesign(experiment_id);
      if (found === null) throw new SluiceError('not_found', { detail: 'no experiment with this id', field: 'experiment_id' });
      const { arms, salt } = found.design;
      const alias = new Map(contacts.map((contact) => [contact, contactAlias(contact).alias_id]));
      const known = new Map(
        (await warehouse.assignedArms(experiment_id, [...alias.values()])).map(({ contact_alias, arm_id }) => [
          contact_alias,
          arm_id,
        ]),
      );
      const at = now();
      const events: FirstPartyEventInput[] = [];
      const assignments = contacts.map((contact_id) => {
        const before = known.get(alias.get(contact_id) ?? '');
        if (before !== undefined) {
          return { contact_id, arm_id: before, holdout: arms.some((arm) => arm.id === before && arm.holdout), is_new: false };
        }
        const arm = assignedArm(arms, salt, contact_id);
        if (arm === null) throw new SluiceError('input_invalid', { detail: 'no arm of this experiment has a weight' });
        events.push({
          id: `assigned-${sha256(`${experiment_id}\0${contact_id}`, 22)}`,
          type: 'experiment.assigned',
          at: at.toISOString(),
          experiment_id,
          contact_id,
          arm_id: arm.id,
          holdout: arm.holdout,
        });
        return { contact_id, arm_id: arm.id, holdout: arm.holdout, is_new: true };
      });
      if (events.length > 0) {
        try {
          await log.append('event', Buffer.from(JSON.stringify(events)), BigInt(at.getTime()) * 1000n);
        } catch (error) {
          throw error instanceof SluiceError ? error : new SluiceError('log_unavailable', { cause: error });
        }
      }
      return { experiment_id, assignments };
    },
  );
}
