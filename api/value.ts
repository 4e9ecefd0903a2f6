import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { cohorts, monthOf } from '../models/value/cohort.ts';
import { unitDays } from '../models/value/history-columns.ts';
import { paybackMonths } from '../models/value/payback.ts';
import { dayNumber } from '../models/value/purchase.ts';
import { SluiceError } from '../sql/errors.ts';
import { chooseCurrency, Forecaster, lastWholeDay } from './forecaster.ts';
import { problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import { returnRow, returnsAnswer, returnsParams } from './value-returns.ts';
import { cohortAnswer, cohortParams, forecastAnswer, forecastParams } from './value-schema.ts';
import type { ValueOverview, ValueWarehouse } from './value-warehouse.ts';
import type { WorkerPool } from './worker-pool.ts';

const daysPerMonth = 365.25 / 12;

/** `GET /v1/value/...`: what customers have brought, and what they are expected to bring. */
export function valuePlugin(
  app: FastifyInstance,
  { warehouse, pool, now }: { warehouse: ValueWarehouse; pool: WorkerPool; now: () => Date },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  const forecaster = new Forecaster(warehouse, pool, now);

  typed.get(
    '/v1/value/cohorts',
    {
      schema: {
        tags: ['value'],
        summary: 'What customers have brought since their first purchase, by month of that purchase',
        querystring: cohortParams,
        response: { 200: cohortAnswer, ...problems('query_invalid', 'value_data_insufficient', 'warehouse_busy') },
      },
    },
    async (request) => {
      const { by, margin, cost_per_customer: cost } = request.query;
      const { known, until, context } = await settle(request.query);
      const parts = await warehouse.cohortRevenue({ currency: known.currency, until, by });
      const last = monthOf(dayNumber(until));
      const lastIsOver = monthOf(dayNumber(until) + 1) > last;
      const rows = parts.flatMap(({ part, sizes, months }) =>
        cohorts(new Map(sizes), months, last).map((cohort) => {
          const { length } = cohort.cumulative_revenue_per_customer;
          return {
            part,
            ...cohort,
            complete_months: lastIsOver ? length : length - 1,
            ...(cost === undefined
              ? {}
              : { payback_months: paybackMonths(cohort.cumulative_revenue_per_customer, margin, cost) }),
          };
        }),
      );
      return { ...context, rows } satisfies z.output<typeof cohortAnswer>;
    },
  );

  typed.get(
    '/v1/value/forecast',
    {
      schema: {
        tags: ['value'],
        summary: 'What customers are expected to bring, with what the same forecast would have said before',
        description:
          'Fitted on all customers with an order in the currency, anew when their purchases have changed; a fit takes seconds for a million customers. Refused where there is too little data.',
        querystring: forecastParams,
        response: {
          200: forecastAnswer,
          ...problems('query_invalid', 'value_data_insufficient', 'value_model_unfit', 'warehouse_busy'),
        },
      },
    },
    async (request) => {
      const { by, margin, months, discount, model } = request.query;
      const { known, until, context } = await settle(request.query);
      const { currency, first_day: firstDay } = known;
      const { fit, fittedAt } = await forecaster.fit({ currency, model, until, firstDay, horizonDays: months * daysPerMonth });
      const histories = await warehouse.customerHistories({ currency, calibrationEnd: until, holdoutEnd: until, by });
      const outlook = { steps: months, stepUnits: daysPerMonth / unitDays, discountRate: (1 + discount) ** (1 / 12) - 1 };
      const rows = await pool.run('scoreParts', { fit, histories, outlook, margin });
      const { process, spend, back_test, frequency_value_correlation, doubts } = fit;
      return {
        ...context,
        months,
        fit: {
          model: fit.model,
          fitted_at: fittedAt,
          customers: process.customers,
          customers_with_repeat: process.customers_with_repeat,
          params: { ...process.params },
          standard_errors: process.standard_errors === null ? null : { ...process.standard_errors },
          log_likelihood: process.log_likelihood,
          spend:
            spend === null
              ? null
              : { params: { ...spend.params }, customers_used: spend.customers_used, population_mean: spend.population_mean },
          frequency_value_correlation,
          doubts,
        },
        back_test,
        rows,
      } satisfies z.output<typeof forecastAnswer>;
    },
  );

  typed.get(
    '/v1/value/returns',
    {
      schema: {
        tags: ['value'],
        summary: 'What campaigns returned for what they cost: attributed, and incremental from hold-outs, side by side',
        querystring: returnsParams,
        response: { 200: returnsAnswer, ...problems('query_invalid', 'warehouse_busy') },
      },
    },
    async (request) => {
      const campaign = request.query.campaign ?? null;
      const rows = (await warehouse.campaignReturns({ campaign, at: now().getTime() })).map(returnRow);
      return { rows } satisfies z.output<typeof returnsAnswer>;
    },
  );

  /** The day and the currency that a question is about, and what its answer says of them. */
  async function settle({ currency, until: asked }: { currency?: string | undefined; until?: string | undefined }) {
    const whole = lastWholeDay(null, now());
    if (asked !== undefined && asked > whole) {
      throw new SluiceError('query_invalid', { field: 'until', detail: `the last whole day is ${whole}` });
    }
    const first = await warehouse.valueOverview(asked ?? whole);
    const until = asked ?? lastWholeDay(first.watermark, now());
    const overview: ValueOverview = until < whole && asked === undefined ? await warehouse.valueOverview(until) : first;
    const known = chooseCurrency(overview, currency);
    const { currencies, watermark } = overview;
    return { known, until, context: { currency: known.currency, currencies, until, watermark } };
  }
}
