import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Forecaster } from './forecaster.ts';
import { problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import { cohortReport } from './value-cohorts.ts';
import { forecastReport } from './value-forecast.ts';
import { returnRow, returnsAnswer, returnsParams } from './value-returns.ts';
import { cohortAnswer, cohortParams, forecastAnswer, forecastParams } from './value-schema.ts';
import type { ValueWarehouse } from './value-warehouse.ts';
import { wholeMinute } from './whole-minute.ts';

/** `GET /v1/value/...`: what customers have brought, and what they are expected to bring. */
export function valuePlugin(
  app: FastifyInstance,
  { warehouse, forecaster, now }: { warehouse: ValueWarehouse; forecaster: Forecaster; now: () => Date },
): void {
  const typed = app.withTypeProvider<ZodInput>();

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
    (request) => cohortReport({ warehouse, now }, request.query),
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
    (request) => forecastReport({ warehouse, forecaster, now }, request.query),
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
      const rows = (await warehouse.campaignReturns({ campaign, at: wholeMinute(now().getTime()) })).map(returnRow);
      return { rows } satisfies z.output<typeof returnsAnswer>;
    },
  );
}
