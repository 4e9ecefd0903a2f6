import type { Source } from './source.ts';

/** Every metric with its definition; as `GET /v1/metrics/catalog`. */
export const catalogue: Source = async ({ words, definitions }) => {
  const { t } = words;
  const metrics = [...definitions.values()];
  return {
    view: (
      <dl class="definitions">
        {metrics.map((metric) => (
          <div key={metric.name} id={`metric-${metric.name}`} data-key={metric.name}>
            <dt>
              {words.metric(metric.name, metric)} <code>{metric.name}</code>
            </dt>
            <dd>
              <p>{words.meaning(metric)}</p>
              <p class="quiet">
                <code>
                  {metric.numerator}
                  {metric.denominator === null ? '' : ` / ${metric.denominator}`}
                </code>
                {` · ${t(`kind.${metric.kind}`)} · ${t(`direction.${metric.direction}`)}`}
                {metric.minimum_denominator > 0
                  ? ` · ${t('catalogue.minimum', { n: words.count(metric.minimum_denominator) })}`
                  : ''}
              </p>
              <p class="quiet">{t('catalogue.by', { dimensions: metric.dimensions.join(', ') })}</p>
            </dd>
          </div>
        ))}
      </dl>
    ),
    table: {
      header: [
        'name',
        'label',
        'kind',
        'numerator',
        'denominator',
        'unit',
        'direction',
        'minimum_denominator',
        'dimensions',
        'description',
      ],
      rows: metrics.map((one) => [
        one.name,
        one.label,
        one.kind,
        one.numerator,
        one.denominator,
        one.unit,
        one.direction,
        one.minimum_denominator,
        one.dimensions.join(' '),
        words.meaning(one) ?? null,
      ]),
    },
  };
};
