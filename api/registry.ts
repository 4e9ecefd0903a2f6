import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { defaultPolicy } from '../controller/policy.ts';
import { readPolicy } from '../controller/policy-book.ts';
import { campaignSchema, phoneNumberSchema, portfolioSchema, wabaSchema } from '../ingest/command.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import type { Place } from '../ingest/record.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand, type Order, waitUntilApplied } from './command-log.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import { explainIssue } from './validate.ts';
import type { Warehouse } from './warehouse.ts';

const id = z.string().min(1).max(512);
const params = z.object({ id });
const text = z.string().nullable();

export const campaignSummarySchema = z.object({
  campaign_id: z.string(),
  name: text,
  objective: text,
  category: text,
  registered: z.boolean().describe('False for a campaign that is only known from its messages'),
  first_message_at: text,
  last_message_at: text,
});
const campaignDetailSchema = campaignSummarySchema.extend({
  phone_number_id: text,
  template_name: text,
  template_language: text,
  margin: z.number().nullable(),
  windows: z.object({ reply_hours: z.number(), optout_hours: z.number(), conversion_days: z.number() }),
  arms: z.array(z.object({ id: z.string(), name: text, weight: z.number(), holdout: z.boolean() })),
});
const pending = z
  .object({ applied: z.literal(false), id, command: z.unknown() })
  .describe('Durable, but the warehouse has not come to it within two seconds: it will');

/** How long a PUT waits for the warehouse before it answers 202, ms. */
const patienceMs = 2000;

type RegistryWarehouse = Pick<Warehouse, 'campaigns' | 'campaign' | 'positions'>;

/** What is registered, as the warehouse knows it. */
export function registryReads(app: FastifyInstance, { warehouse }: { warehouse: RegistryWarehouse }): void {
  const typed = app.withTypeProvider<ZodInput>();
  typed.get(
    '/v1/campaigns',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'All campaigns, registered or seen in messages, newest activity first',
        response: { 200: z.object({ campaigns: z.array(campaignSummarySchema) }) },
      },
    },
    async () => ({ campaigns: await warehouse.campaigns() }),
  );

  typed.get(
    '/v1/campaigns/:id',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'One campaign',
        params,
        response: { 200: campaignDetailSchema, ...problems('not_found') },
      },
    },
    async (request) => {
      const campaign = await warehouse.campaign(request.params.id);
      if (campaign === null) throw new SluiceError('not_found', { detail: 'no campaign with this id', field: 'id' });
      return campaign;
    },
  );
}

interface RegistryParts {
  log: EventLogWriter;
  warehouse: RegistryWarehouse | null;
  now: () => Date;
  /** Told of each campaign's policy once its registration is durable; waited for before it is answered. */
  registered?: (campaign: string, policy: Record<string, unknown>, place: Place) => Promise<void>;
}

/**
 * Campaigns and the registry of accounts: commands go into the log, and the answer waits shortly for their effect. Without a warehouse
 * beside it, it does not wait.
 */
export function registryWrites(app: FastifyInstance, { log, warehouse, now, registered }: RegistryParts): void {
  const typed = app.withTypeProvider<ZodInput>();
  const errors = problems('body_unreadable', 'input_invalid', 'log_unavailable');

  /** Gives the command, waits shortly, and answers 200 with what `stored` finds, else 202. */
  async function put(reply: FastifyReply, order: Order, stored: (from: RegistryWarehouse) => Promise<unknown>): Promise<unknown> {
    const actor = reply.request.role as Role; // the guard has let it pass
    const place = await giveCommand(log, order, actor, now());
    if (order.command === 'campaign.put') await registered?.(order.id, order.body.policy, place);
    const waits = warehouse !== null && (await waitUntilApplied(warehouse, place, patienceMs));
    const found = waits ? await stored(warehouse) : null;
    if (found !== null) return found;
    reply.status(202);
    return { applied: false, id: order.id, command: order.body };
  }

  typed.put(
    '/v1/campaigns/:id',
    {
      config: { right: 'putCampaign' },
      schema: {
        tags: ['campaigns'],
        summary: 'Registers or changes a campaign; the whole of it is given',
        params,
        body: campaignSchema,
        response: { 200: campaignDetailSchema, 202: pending, ...errors },
      },
    },
    (request, reply) => {
      checkPolicy(request.body.policy);
      return put(reply, { command: 'campaign.put', id: request.params.id, body: request.body }, (from) =>
        from.campaign(request.params.id),
      );
    },
  );

  /** The three registries differ in name and body only. */
  function registryRoute(path: string, what: string, schema: z.ZodObject, orderOf: (id: string, body: unknown) => Order): void {
    typed.put(
      `/v1/${path}/:id`,
      {
        config: { right: 'putRegistry' },
        schema: {
          tags: ['registry'],
          summary: `Registers or changes ${what}`,
          params,
          body: schema,
          response: { 200: z.object({ applied: z.literal(true), id, command: schema }), 202: pending, ...errors },
        },
      },
      (request, reply) => {
        const order = orderOf(request.params.id, request.body);
        return put(reply, order, async () => ({ applied: true, id: order.id, command: order.body }));
      },
    );
  }
  registryRoute('portfolios', 'a business portfolio', portfolioSchema, (id, body) => ({
    command: 'portfolio.put',
    id,
    body: body as z.output<typeof portfolioSchema>,
  }));
  registryRoute('wabas', 'a WhatsApp Business account with its time zone and currency', wabaSchema, (id, body) => ({
    command: 'waba.put',
    id,
    body: body as z.output<typeof wabaSchema>,
  }));
  registryRoute('phone-numbers', 'a business phone number', phoneNumberSchema, (id, body) => ({
    command: 'phone_number.put',
    id,
    body: body as z.output<typeof phoneNumberSchema>,
  }));
}

/** @throws SluiceError `input_invalid` when the controller could not go by it */
function checkPolicy(parts: Record<string, unknown>): void {
  const [issue] = readPolicy(defaultPolicy, parts).error?.issues ?? [];
  if (issue === undefined) return;
  const { field, message } = explainIssue({ ...issue, path: ['policy', ...issue.path] });
  throw new SluiceError('input_invalid', { detail: `${field}: ${message}`, field });
}
