import { setTimeout } from 'node:timers/promises';
import { forecastReport } from '../../value-forecast.ts';
import { frenchOf } from '../french.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Source } from './source.ts';

/** How long a page waits for a forecast: a fit takes seconds, and then stands until purchases change. */
const patienceMs = 250;

/** What customers are expected to bring in the next twelve months, by month of the first purchase; as `GET /v1/value/forecast`. */
export const customerForecast: Source = async ({ warehouse, forecaster, words, now }) => {
  const { t } = words;
  if (forecaster === null) return { view: <p class="quiet">{t('forecast.none')}</p> };
  const asked = forecastReport(
    { warehouse, forecaster, now: () => now },
    { by: 'cohort', margin: 1, months: 12, discount: 0.1, model: 'mbgnbd' },
  );
  const answer = await Promise.race([asked, setTimeout(patienceMs, null, { ref: false })]);
  if (answer === null) {
    asked.catch(() => undefined); // the next look tells what is wrong
    return { view: <p class="quiet loading">◌ {t('forecast.loading')}</p> };
  }
  const { rows, currency, back_test: test, fit } = answer;
  const money = (value: number | null) => (value === null ? '—' : words.decimal(value, 2));
  const { error } = test.transactions;
  return {
    view: (
      <>
        <PlainTable
          title={t('forecast.title')}
          words={words}
          head={[
            { label: words.dimension('cohort') },
            { label: t('cohorts.customers'), number: true },
            { label: t('forecast.active'), number: true },
            { label: t('forecast.historic', { currency }), number: true },
            { label: t('forecast.expected', { currency }), number: true },
            { label: t('forecast.ltv', { currency }), number: true },
          ]}
          rows={rows.map((row) => ({
            key: row.part ?? '',
            cells: [
              row.part ?? '—',
              words.count(row.customers),
              words.count(Math.round(row.active_customers)),
              money(row.historic_revenue),
              money(row.expected_revenue),
              money(row.lifetime_value_per_customer),
            ],
          }))}
        />
        <p class="quiet">
          {t('forecast.back_test', {
            days: test.holdout_days,
            expected: Math.round(test.transactions.expected),
            actual: test.transactions.actual,
            error: error === null ? '—' : words.percent(error),
          })}
          {fit.doubts.map((doubt) => ` ${(words.language === 'fr' ? frenchOf(doubt) : undefined) ?? doubt}`)}
        </p>
      </>
    ),
    table: {
      header: [
        'cohort',
        'customers',
        'active_customers',
        'historic_revenue',
        'expected_transactions',
        'expected_revenue',
        'residual_value',
        'lifetime_value_per_customer',
        'currency',
      ],
      rows: rows.map((row) => [
        row.part,
        row.customers,
        row.active_customers,
        row.historic_revenue,
        row.expected_transactions,
        row.expected_revenue,
        row.residual_value,
        row.lifetime_value_per_customer,
        currency,
      ]),
    },
  };
};
