import type { MetricDefinition } from '../../../models/metric-query.ts';
import { agePoints } from '../age-points.ts';
import { ageChart } from '../charts.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Behind, type FileLink, Plot } from './figure.tsx';
import { PlainTable } from './plain-table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'age_curves' }>;
  definitions: Map<string, MetricDefinition>;
  link: FileLink;
  words: Words;
}

/** A small chart a metric: how far the messages of each cohort had come by an age. */
export function AgeCurves({ data, definitions, link, words }: Props) {
  const { t } = words;
  const drawn = data.panel.query.metrics.flatMap((name) => ageChart(name, data, definitions, words) ?? []);
  if (drawn.length === 0) return <p class="quiet">{t('panel.none')}</p>;
  return (
    <>
      <div class="rates">
        {drawn.map(({ name, chart, description }) => (
          <Plot
            key={name}
            chart={chart}
            description={description}
            size="small"
            words={words}
            image={{ link, file: `${name}.svg` }}
          >
            <figcaption>
              <h3 title={words.meaning(definitions.get(name))}>{words.metric(name, definitions.get(name))}</h3>
            </figcaption>
          </Plot>
        ))}
      </div>
      <Behind words={words}>
        {drawn.map(({ name }) => (
          <AgeTable key={name} name={name} data={data} definitions={definitions} words={words} />
        ))}
      </Behind>
    </>
  );
}

/** A row a cohort, a column an age. */
function AgeTable({ name, data, definitions, words }: Omit<Props, 'link'> & { name: string }) {
  const definition = definitions.get(name);
  if (definition === undefined) return null;
  const { points, ages, cohorts } = agePoints(data.series.rows, definition, data.grain, words);
  const title = words.metric(name, definition);
  return (
    <PlainTable
      title={title}
      words={words}
      head={[{ label: title }, ...ages.map((label) => ({ label, number: true }))]}
      rows={cohorts.map((cohort) => ({
        key: cohort,
        cells: [
          cohort,
          ...ages.map((age) => {
            const point = points.find((one) => one.cohort === cohort && one.age === age);
            return point === undefined ? (
              '—'
            ) : (
              <span key={age} class="rate">
                <span class="value">{point.rate}</span>
                <span class="counts">{point.counts}</span>
              </span>
            );
          }),
        ],
      }))}
    />
  );
}
