import type { z } from 'zod';
import { unitDays } from '../models/value/history-columns.ts';
import type { Forecaster } from './forecaster.ts';
import { settleQuestion, type ValueDesk } from './value-context.ts';
import type { forecastAnswer, forecastParams } from './value-schema.ts';

const daysPerMonth = 365.25 / 12;

/** What customers are expected to bring, with what the same forecast would have said before. */
export async function forecastReport(
  desk: ValueDesk & { forecaster: Forecaster },
  question: z.output<typeof forecastParams>,
): Promise<z.output<typeof forecastAnswer>> {
  const { by, margin, months, discount, model } = question;
  const { known, until, context } = await settleQuestion(desk, question);
  const { currency, first_day: firstDay } = known;
  const kept = await desk.forecaster.fit({ currency, model, until, firstDay, horizonDays: months * daysPerMonth });
  const outlook = { steps: months, stepUnits: daysPerMonth / unitDays, discountRate: (1 + discount) ** (1 / 12) - 1 };
  const rows = await desk.forecaster.score(kept, { by, outlook, margin });
  const { fit, fittedAt } = kept;
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
  };
}
