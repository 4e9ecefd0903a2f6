import type { MetricDefinition } from '../../../models/metric-query.ts';
import type { Drill } from '../drill.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Messages } from './rate.tsx';
import { Scroll } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'funnel' }>;
  definitions: Map<string, MetricDefinition>;
  words: Words;
  drill: Drill;
}

/** Stages as a table with bars: drawn by the server, so it needs no script. */
export function Funnel({ data, definitions, words, drill }: Props) {
  const { panel, total } = data;
  const stages = panel.query.metrics.map((name) => ({
    name,
    label: words.metric(name, definitions.get(name)),
    count: total.rows[0]?.metrics[name]?.value ?? 0,
  }));
  const first = stages[0]?.count ?? 0;
  const title = words.text(panel.title);
  if (first === 0) return <p class="quiet">{words.t('panel.none')}</p>;
  return (
    <Scroll title={title} words={words}>
      <table class="funnel">
        <caption class="unseen">{title}</caption>
        <tbody>
          {stages.map(({ name, label, count }) => (
            <tr key={name}>
              <th scope="row" title={words.meaning(definitions.get(name))}>
                {label}
              </th>
              <td class="number">
                <Messages href={drill(name)} words={words}>
                  {words.count(count)}
                </Messages>
              </td>
              <td class="number share">{words.percent(count / first)}</td>
              <td class="bar">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="ground" width="100" height="10" />
                  <rect class="part" width={Math.min(100, (100 * count) / first).toFixed(2)} height="10" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
