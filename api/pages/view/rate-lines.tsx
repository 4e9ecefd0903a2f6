import { timeSpan } from '../../../dashboards/charts/chart.ts';
import { rateLineSpec } from '../../../dashboards/charts/rate-line.ts';
import type { MetricDefinition } from '../../../models/metric-query.ts';
import type { PanelData } from '../panels.ts';
import { ratePoints } from '../rate-points.ts';
import type { Words } from '../words.ts';
import { Behind, Plot } from './figure.tsx';
import { Rate } from './rate.tsx';
import { MetricTable } from './table.tsx';
import { tooltipTitles } from './tooltip.ts';

type RateLinesData = Extract<PanelData, { kind: 'rate_lines' }>;
interface Props {
  data: RateLinesData;
  definitions: Map<string, MetricDefinition>;
  words: Words;
}

/** A small figure a rate: its name, its value over the whole range, and how it went. */
export function RateLines({ data, definitions, words }: Props) {
  const { metrics } = data.panel.query;
  return (
    <>
      <div class="rates">
        {metrics.map((name) => (
          <RateFigure key={name} name={name} data={data} definition={definitions.get(name)} words={words} />
        ))}
      </div>
      <Behind words={words}>
        <MetricTable
          title={words.text(data.panel.title)}
          words={words}
          rows={data.series.rows}
          metrics={metrics}
          definitions={definitions}
          dimension="time"
          member={(id) => ({ label: id === null ? words.t('dimension.unknown') : words.bucket(id, data.grain) })}
        />
      </Behind>
    </>
  );
}

interface FigureProps {
  name: string;
  data: RateLinesData;
  definition: MetricDefinition | undefined;
  words: Words;
}

function RateFigure({ name, data, definition, words }: FigureProps) {
  const { t } = words;
  const label = words.metric(name, definition);
  const total = data.total.rows[0]?.metrics[name];
  const points = definition === undefined ? [] : ratePoints(data.series.rows, definition, data.grain, words);
  const minimum = words.count(definition?.minimum_denominator ?? 0);
  const heading = (
    <>
      <h3 title={definition?.description}>{label}</h3>
      <Rate value={total} definition={definition} words={words} />
      {total?.adjusted == null ? null : (
        <p class="quiet">
          {t('rate.adjusted', {
            value: words.percent(total.adjusted.value),
            low: words.percent(total.adjusted.low),
            high: words.percent(total.adjusted.high),
          })}
        </p>
      )}
    </>
  );
  if (points.length === 0) {
    return (
      <div class="figure">
        {heading}
        <p class="quiet">{t('chart.rate.empty', { minimum })}</p>
      </div>
    );
  }
  const description = t('chart.rate.description', {
    metric: label,
    grain: t(`grain.${data.grain}`),
    points: words.count(points.length),
    value: points.at(-1)?.rate ?? '',
    minimum,
  });
  const instants = points.map(({ at }) => at);
  const spec = rateLineSpec(
    tooltipTitles(words, label),
    timeSpan(instants, data.grain),
    definition?.direction === 'lower_is_better' ? '$warn' : '$accent',
  );
  return (
    <Plot chart={{ spec, rows: points.map((point) => ({ ...point })) }} description={description} size="small">
      <figcaption>{heading}</figcaption>
    </Plot>
  );
}
