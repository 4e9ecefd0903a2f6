import { cohortReport } from '../../value-cohorts.ts';
import { Scroll } from '../view/table.tsx';
import type { Source } from './source.ts';

const shades = 6;

/** Revenue per customer since the first purchase, by month of that purchase; as `GET /v1/value/cohorts`. */
export const cohortValue: Source = async ({ warehouse, words, now }) => {
  const { t } = words;
  const { currency, rows } = await cohortReport({ warehouse, now: () => now }, { by: 'all', margin: 1 });
  if (rows.length === 0) return { view: <p class="quiet">{t('panel.none.yet')}</p> };
  const longest = Math.max(...rows.map((row) => row.cumulative_revenue_per_customer.length));
  const most = Math.max(...rows.flatMap((row) => row.cumulative_revenue_per_customer));
  const months = Array.from({ length: longest }, (_, month) => month);
  const few = 30;
  return {
    view: (
      <>
        <Scroll title={t('cohorts.title')} words={words}>
          <table class="heat">
            <caption class="unseen">{t('cohorts.title')}</caption>
            <thead>
              <tr>
                <th scope="col">{words.dimension('cohort')}</th>
                <th scope="col">{t('cohorts.customers')}</th>
                {months.map((month) => (
                  <th key={month} scope="col">
                    {month}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.cohort} data-key={row.cohort}>
                  <th scope="row">{row.cohort}</th>
                  <td class="plain">{words.count(row.customers)}</td>
                  {months.map((month) => {
                    const value = row.cumulative_revenue_per_customer[month];
                    if (value === undefined) return <td key={month} class="none" />;
                    const open = month >= row.complete_months;
                    const shade = row.customers < few || most === 0 ? 0 : Math.ceil((shades * value) / most);
                    return (
                      <td
                        key={month}
                        class={row.customers < few ? 'few' : `shade-${shade}`}
                        title={open ? t('rate.open') : undefined}
                      >
                        {words.decimal(value, value < 100 ? 2 : 0)}
                        {open ? <span aria-hidden="true"> ◔</span> : null}
                        {open ? <span class="unseen"> {t('rate.open')}</span> : null}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="quiet">{t('cohorts.note', { currency })}</p>
      </>
    ),
    table: {
      header: ['cohort', 'customers', 'months_since', 'revenue_per_customer', 'complete', 'currency'],
      rows: rows.flatMap((row) =>
        row.cumulative_revenue_per_customer.map((value, month) => [
          row.cohort,
          row.customers,
          month,
          value,
          month < row.complete_months,
          currency,
        ]),
      ),
    },
  };
};
