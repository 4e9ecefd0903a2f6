import { returnRow } from '../../value-returns.ts';
import { wholeMinute } from '../../whole-minute.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Words } from '../words.ts';
import type { Source } from './source.ts';

type Row = ReturnType<typeof returnRow>;

/** What campaigns cost and returned, attributed beside incremental; as `GET /v1/value/returns`, over all of time. */
export const campaignReturns: Source = async ({ warehouse, words, now, campaign }) => {
  const { t } = words;
  const question = { campaign: campaign?.campaign_id ?? null, at: wholeMinute(now.getTime()) };
  const rows = (await warehouse.campaignReturns(question)).map(returnRow);
  if (rows.length === 0) return { view: <p class="quiet">{t('returns.none')}</p> };
  const currency = rows[0]?.currency ?? '';
  return {
    view: (
      <>
        <PlainTable
          title={t('returns.title')}
          words={words}
          head={[
            { label: t('dimension.campaign') },
            { label: t('returns.cost', { currency }), number: true },
            { label: t('returns.revenue', { currency }), number: true },
            { label: t('returns.roas'), number: true },
            { label: t('returns.roi'), number: true },
            { label: t('returns.iroas'), number: true },
            { label: t('returns.won'), number: true },
          ]}
          rows={rows.map((row) => ({ key: row.campaign_id, cells: cells(row, words) }))}
        />
        <p class="quiet">{t('returns.note')}</p>
      </>
    ),
    table: {
      header: [
        'campaign_id',
        'name',
        'currency',
        'cost',
        'revenue',
        'roas',
        'roi',
        'unpriced_messages',
        'customers_won',
        'incremental_experiment',
        'incremental_roas',
        'incremental_roas_low',
        'incremental_roas_high',
      ],
      rows: rows.map((row) => [
        row.campaign_id,
        row.name,
        row.currency,
        row.cost,
        row.attributed.revenue,
        row.attributed.roas,
        row.attributed.roi,
        row.unpriced_messages,
        row.customers_won,
        row.incremental[0]?.experiment_id ?? null,
        row.incremental[0]?.roas ?? null,
        row.incremental[0]?.roas_ci?.[0] ?? null,
        row.incremental[0]?.roas_ci?.[1] ?? null,
      ]),
    },
  };
};

function cells(row: Row, words: Words) {
  const { t } = words;
  const { attributed, incremental } = row;
  const ratio = (value: number | null, range: readonly [number, number] | null) =>
    value === null ? (
      '—'
    ) : (
      <span class="rate">
        <span class="value">{words.decimal(value, 2)}</span>
        {range === null ? null : (
          <span class="interval">
            {words.decimal(range[0], 2)} … {words.decimal(range[1], 2)}
          </span>
        )}
      </span>
    );
  return [
    <a key="name" href={`/campaigns/${encodeURIComponent(row.campaign_id)}`}>
      {row.name ?? row.campaign_id}
    </a>,
    <span key="cost" class="rate">
      <span class="value">
        {row.delivered > 0 && row.unpriced_messages >= row.delivered ? t('returns.unknown') : words.decimal(row.cost, 2)}
      </span>
      {row.unpriced_messages === 0 ? null : <span class="counts">{t('returns.unpriced', { n: row.unpriced_messages })}</span>}
    </span>,
    words.decimal(attributed.revenue, 2),
    ratio(attributed.roas, attributed.roas_ci),
    ratio(attributed.roi, attributed.roi_ci),
    incremental.length === 0
      ? t('returns.no_holdout')
      : incremental.map((one) => (
          <span key={one.experiment_id} class="rate">
            {ratio(one.roas, one.roas_ci)}
            <span class="counts">
              n = {words.count(one.people.treated)} / {words.count(one.people.holdout)}
            </span>
          </span>
        )),
    words.count(row.customers_won),
  ];
}
