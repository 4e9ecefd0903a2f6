import type { z } from 'zod';
import { cohorts, monthOf } from '../models/value/cohort.ts';
import { paybackMonths } from '../models/value/payback.ts';
import { dayNumber } from '../models/value/purchase.ts';
import { settleQuestion, type ValueDesk } from './value-context.ts';
import type { cohortAnswer, cohortParams } from './value-schema.ts';

/** What customers have brought since their first purchase, by month of that purchase. */
export async function cohortReport(
  desk: ValueDesk,
  question: z.output<typeof cohortParams>,
): Promise<z.output<typeof cohortAnswer>> {
  const { by, margin, cost_per_customer: cost } = question;
  const { known, until, context } = await settleQuestion(desk, question);
  const parts = await desk.warehouse.cohortRevenue({ currency: known.currency, until, by });
  const last = monthOf(dayNumber(until));
  const lastIsOver = monthOf(dayNumber(until) + 1) > last;
  const rows = parts.flatMap(({ part, sizes, months }) =>
    cohorts(new Map(sizes), months, last).map((cohort) => {
      const { length } = cohort.cumulative_revenue_per_customer;
      return {
        part,
        ...cohort,
        complete_months: lastIsOver ? length : length - 1,
        ...(cost === undefined ? {} : { payback_months: paybackMonths(cohort.cumulative_revenue_per_customer, margin, cost) }),
      };
    }),
  );
  return { ...context, rows };
}
