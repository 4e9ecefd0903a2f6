import type { SegmentComparison, SegmentRow } from '../../../models/experiments/segment-lift.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Words } from '../words.ts';
import type { Source } from './source.ts';

const few = 100;

/** Segments of the experiment that began last and has people in segments; as `GET /v1/segments/lift`. */
export const segmentLift: Source = async ({ warehouse, words, now }) => {
  const { t, language } = words;
  const at = now.getTime();
  const verdicts = await warehouse.experiments(at);
  const candidates = [...verdicts].sort(
    (a, b) => Number(b.arms.some(({ holdout }) => holdout)) - Number(a.arms.some(({ holdout }) => holdout)),
  );
  for (const { experiment_id, name } of candidates.slice(0, 5)) {
    const lift = await warehouse.segmentLift(experiment_id, 'conversion', at);
    if (lift === null || lift.segments.every(({ n }) => n === 0)) continue;
    const head = [
      { label: t('dimension.segment') },
      { label: t('experiments.people'), number: true },
      { label: words.metric('conversion_rate'), number: true },
      { label: t('segments.rest'), number: true },
      { label: t('segments.effect'), number: true },
      { label: t('segments.value'), number: true },
    ];
    return {
      view: (
        <>
          <p>
            <a href={`/experiments/${encodeURIComponent(experiment_id)}`}>{name}</a>
            {words.labelled('', lift.sentence[language])}
          </p>
          <PlainTable
            title={t('segments.title')}
            words={words}
            head={head}
            rows={lift.segments.map((row) => ({
              key: row.segment ?? '',
              ...(row.n < few ? { class: 'few' } : {}),
              cells: [
                row.segment ?? t('segments.nobody'),
                words.count(row.n),
                row.rate === null ? '—' : words.percent(row.rate),
                difference(row.versus_rest, words),
                difference(row.effect, words),
                worth(row, lift.currency, words),
              ],
            }))}
          />
          <p class="quiet">{t('segments.note')}</p>
        </>
      ),
      table: {
        header: [
          'segment',
          'n',
          'x',
          'rate',
          'rest_difference',
          'rest_low',
          'rest_high',
          'effect',
          'effect_low',
          'effect_high',
          'effect_p_adjusted',
        ],
        rows: lift.segments.map(({ segment, n, x, rate, versus_rest: rest, effect }) => [
          segment,
          n,
          x,
          rate,
          rest.absolute.value,
          rest.absolute.low,
          rest.absolute.high,
          effect.absolute.value,
          effect.absolute.low,
          effect.absolute.high,
          effect.p_adjusted,
        ]),
      },
    };
  }
  return { view: <p class="quiet">{t('segments.none')}</p> };
};

/** In percentage points, with its interval. */
function difference({ absolute: { value, low, high }, p_adjusted }: SegmentComparison, words: Words) {
  if (value === null) return '—';
  const points = (share: number) => `${share > 0 ? '+' : share < 0 ? '−' : ''}${words.decimal(100 * Math.abs(share), 2)}`;
  return (
    <span class="rate">
      <span class="value">{words.t('compare.points', { n: points(value), size: 100 * value })}</span>
      {low === null || high === null ? null : (
        <span class="interval">
          {points(low)} … {points(high)}
        </span>
      )}
      {p_adjusted === null ? null : (
        <span class="counts">p = {p_adjusted < 0.001 ? '< 0.001' : words.decimal(p_adjusted, 3)}</span>
      )}
    </span>
  );
}

function worth({ value_per_1000_messages: value }: SegmentRow, currency: string | null, words: Words) {
  if (value === null || value.value === null) return '—';
  return (
    <span class="rate">
      <span class="value">
        {words.decimal(value.value, 2)} {currency ?? ''}
      </span>
      {value.low === null || value.high === null ? null : (
        <span class="interval">
          {words.decimal(value.low, 2)} … {words.decimal(value.high, 2)}
        </span>
      )}
    </span>
  );
}
