import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AnalyticsFault, readAnalytics } from '../ingest/analytics.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { type Cause, causes } from '../models/difference-cause.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand, waitUntilApplied } from './command-log.ts';
import { problems } from './responses.ts';
import type { Role } from './roles.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

const count = z.number().nullable();
const micros = z.string().nullable().describe("In micro-units of the account's currency");
const figures = z.object({ sent: count, delivered: z.number(), read: count, cost_micros: micros });

const lineSchema = z.object({
  report: z.enum(['pricing', 'template']),
  waba_id: z.string(),
  from: z.string(),
  to: z.string(),
  country: z.string().nullable(),
  category: z.string().nullable(),
  pricing_type: z.string().nullable(),
  template_name: z.string().nullable(),
  template_language: z.string().nullable(),
  their: figures.describe('As the platform says'),
  our: figures.describe('As the facts have it'),
  cause: z.enum(Object.keys(causes) as [Cause, ...Cause[]]).describe('The most likely one'),
  cause_text: z.string(),
});
/** One line of the platform's figures beside ours. */
export type ReconciliationLine = z.output<typeof lineSchema>;

const booksSchema = z.object({
  records: z
    .array(
      z.object({
        partition: z.string(),
        applied: z.number().describe('Records below the position of the warehouse'),
        counted: z.number().describe('Records that apply counted: the same'),
        items: z.number().describe('Updates, events and commands in them'),
        unmodelled: z.number(),
        quarantined: z.number().describe('Items that could not become facts'),
        difference: z.number(),
      }),
    )
    .describe('The log against the books of apply'),
  facts: z
    .array(
      z.object({
        fact: z.string(),
        told: z.number().describe('How often a row was told'),
        copies: z.number().describe('How often it had been told before'),
        held: z.number().describe('Rows of the table: told less copies'),
        difference: z.number(),
      }),
    )
    .describe('The facts against the books of apply; what retention took away shows as a difference'),
});
export type ReconciliationBooks = z.output<typeof booksSchema>;

export interface ReconciliationWarehouse {
  reconciliationBooks(): Promise<ReconciliationBooks>;
  /** Lines of intervals that begin between two times (ms since 1970), newest first. */
  reconciliationLines(question: { waba: string | null; since: number; until: number }): Promise<ReconciliationLine[]>;
}

const answerSchema = booksSchema.extend({
  as_of: z.string(),
  compared: z.number().describe('Lines of the time asked about'),
  agreeing: z.number().describe('Of those, without a difference'),
  truncated: z.boolean(),
  lines: z.array(lineSchema),
});
export type ReconciliationAnswer = z.output<typeof answerSchema>;

const query = z.strictObject({
  waba: z.string().min(1).max(512).optional().describe('Only this account'),
  since: z.iso.datetime({ offset: true }).optional().describe('Intervals that begin then or later; 90 days ago unless told'),
  until: z.iso.datetime({ offset: true }).optional().describe('and before then; now unless told'),
  all: z.enum(['true', 'false']).default('false').describe('Also lines without a difference'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});
const uploadSchema = z.strictObject({
  waba_id: z.string().min(1).max(512).describe('The account that was asked about'),
  answer: z.object({}).loose().describe('The answer of the Graph API to pricing_analytics or template_analytics, as it came'),
});

const patienceMs = 2000;
const defaultDays = 90;

/** `/v1/reconciliation`: the books of the warehouse, and the platform's own figures beside ours. */
export function reconciliationPlugin(
  app: FastifyInstance,
  {
    warehouse,
    log,
    now,
  }: { warehouse: ReconciliationWarehouse & Pick<Warehouse, 'positions'>; log: EventLogWriter; now: () => Date },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  typed.get(
    '/v1/reconciliation',
    {
      schema: {
        tags: ['reconciliation'],
        summary: "Whether the facts are what was told, and where the platform's own figures differ, with the likely cause",
        querystring: query,
        response: { 200: answerSchema, ...problems('query_invalid', 'warehouse_busy') },
      },
    },
    async (request) => {
      const { waba = null, since, until, all, limit } = request.query;
      const at = now();
      const books = await warehouse.reconciliationBooks();
      const lines = await warehouse.reconciliationLines({
        waba,
        since: since === undefined ? at.getTime() - defaultDays * 86_400_000 : Date.parse(since),
        until: until === undefined ? at.getTime() : Date.parse(until),
      });
      const agreeing = lines.filter(({ cause }) => cause === 'agrees').length;
      const shown = all === 'true' ? lines : lines.filter(({ cause }) => cause !== 'agrees');
      return {
        as_of: at.toISOString(),
        ...books,
        compared: lines.length,
        agreeing,
        truncated: shown.length > limit,
        lines: shown.slice(0, limit),
      };
    },
  );

  typed.post(
    '/v1/reconciliation',
    {
      config: { right: 'putRegistry' },
      bodyLimit: 8 << 20,
      schema: {
        tags: ['reconciliation'],
        summary: "Hands in the platform's own analytics, to be compared",
        description: 'It is kept in the log. An interval told again replaces what was told of it before.',
        body: uploadSchema,
        response: {
          200: z.object({ applied: z.boolean().describe('False: durable, and not in the warehouse yet'), figures: z.number() }),
          ...problems('body_unreadable', 'input_invalid', 'log_unavailable'),
        },
      },
    },
    async (request) => {
      const { waba_id, answer } = request.body;
      const figures = checked(answer);
      const order = { command: 'analytics.import' as const, id: waba_id, body: { answer } };
      const place = await giveCommand(log, order, request.role as Role, now());
      return { applied: await waitUntilApplied(warehouse, place, patienceMs), figures };
    },
  );
}

/** @throws SluiceError `input_invalid` that says what is wrong where */
function checked(answer: unknown): number {
  try {
    return readAnalytics(answer).length;
  } catch (error) {
    if (!(error instanceof AnalyticsFault)) throw error;
    throw new SluiceError('input_invalid', { detail: `answer: ${error.message}`, field: 'answer' });
  }
}
