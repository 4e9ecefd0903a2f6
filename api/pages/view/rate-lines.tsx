import type { MetricDefinition } from '../../../models/metric-query.ts';
import { lineChart } from '../charts.ts';
import type { Drill } from '../drill.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Behind, type FileLink, Plot } from './figure.tsx';
import { Change } from './figures.tsx';
import { Count, Rate } from './rate.tsx';
import { MetricTable } from './table.tsx';

type RateLinesData = Extract<PanelData, { kind: 'rate_lines' }>;
interface Props {
  data: RateLinesData;
  definitions: Map<string, MetricDefinition>;
  link: FileLink;
  words: Words;
  drill: Drill;
  /** The campaign that it is compared with; null for the period before. */
  against: string | null;
}

/** A small figure a metric: its name, its value over the whole range, and how it went. */
export function RateLines({ data, definitions, link, words, drill, against }: Props) {
  const { metrics } = data.panel.query;
  return (
    <>
      <div class="rates">
        {metrics.map((name) => (
          <RateFigure
            key={name}
            name={name}
            data={data}
            definitions={definitions}
            link={link}
            words={words}
            drill={drill}
            against={against}
          />
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

function RateFigure({ name, data, definitions, link, words, drill, against }: Props & { name: string }) {
  const { t } = words;
  const definition = definitions.get(name);
  const total = data.total.rows[0]?.metrics[name];
  const heading = (
    <>
      <h3 title={words.meaning(definition)}>{words.metric(name, definition)}</h3>
      {definition?.kind === 'rate' ? (
        <Rate value={total} definition={definition} words={words} messages={drill(name)} />
      ) : (
        <span class="rate">
          <span class="value">
            <Count value={total} definition={definition} words={words} messages={drill(name)} />
          </span>
        </span>
      )}
      {total?.adjusted == null || words.percent(total.adjusted.value) === words.percent(total.value ?? 0) ? null : (
        <p class="quiet">
          {t('rate.adjusted', {
            value: words.percent(total.adjusted.value),
            low: words.percent(total.adjusted.low),
            high: words.percent(total.adjusted.high),
          })}
        </p>
      )}
      <Change
        value={total}
        before={data.previous?.rows[0]?.metrics[name]}
        asked={data.previous !== null}
        against={against}
        definition={definition}
        words={words}
      />
    </>
  );
  const drawn = lineChart(name, data, definitions, words);
  if (drawn === null) {
    const minimum = definition?.minimum_denominator ?? 0;
    return (
      <div class="figure">
        {heading}
        <p class="quiet">{minimum > 0 ? t('chart.rate.empty', { minimum }) : t('panel.none')}</p>
      </div>
    );
  }
  return (
    <Plot chart={drawn.chart} description={drawn.description} size="small" words={words} image={{ link, file: `${name}.svg` }}>
      <figcaption>{heading}</figcaption>
    </Plot>
  );
}
