import type { MetricDefinition, MetricRow, MetricValue } from '../../../models/metric-query.ts';
import { compareMembers, isOrdered } from '../dimension-order.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { MemberName } from './member-name.tsx';
import { Count, isFew, Rate } from './rate.tsx';
import { type Member, Scroll } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'bars' }>;
  definitions: Map<string, MetricDefinition>;
  member: (id: string | null) => Member;
  words: Words;
}

/** Bars from zero with their intervals, as a table that the server draws; what stands on few is greyed. */
export function Bars({ data, definitions, member, words }: Props) {
  const { panel, rows } = data;
  const [metric = ''] = panel.query.metrics;
  const [dimension = ''] = panel.query.by;
  const definition = definitions.get(metric);
  const title = words.text(panel.title);
  const shown = rows.rows.filter(({ metrics }) => metrics[metric]?.value != null);
  if (shown.length === 0)
    return <p class="quiet">{words.t(data.panel.query.range === 'all' ? 'panel.none.yet' : 'panel.none')}</p>;
  const most = Math.max(...shown.map(({ metrics }) => Math.max(reach(metrics[metric]), 0)));
  const key = ({ dimensions }: MetricRow) => dimensions[dimension] ?? '';
  const ordered = [...shown].sort((a, b) =>
    isOrdered(dimension) ? compareMembers(key(a), key(b)) : sizeOf(b, metric) - sizeOf(a, metric),
  );
  return (
    <Scroll title={title} words={words}>
      <table class="bars">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.dimension(dimension)}</th>
            <th scope="col" class="number" title={words.meaning(definition)}>
              {words.metric(metric, definition)}
            </th>
            <th scope="col">
              <span class="unseen">{words.t('bars.bar')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => {
            const id = row.dimensions[dimension] ?? null;
            const { label, href, note } = member(id);
            const value = row.metrics[metric];
            return (
              <tr key={id ?? ''} data-key={id ?? ''}>
                <th scope="row">
                  <MemberName label={label} href={href} />
                  {note === undefined ? null : <span class="note">{note}</span>}
                </th>
                <td class="number">
                  {definition?.kind === 'rate' ? (
                    <Rate value={value} definition={definition} words={words} />
                  ) : (
                    <Count value={value} definition={definition} words={words} />
                  )}
                </td>
                <td class="bar">
                  {value === undefined ? null : <Bar value={value} most={most} few={isFew(value, definition)} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function Bar({ value, most, few }: { value: MetricValue; most: number; few: boolean }) {
  const at = (x: number | null) => (most <= 0 || x === null ? 0 : Math.max(0, Math.min(100, (100 * x) / most)));
  const [low, high] = [at(value.low), at(value.high)];
  return (
    <svg class={few ? 'few' : undefined} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="ground" width="100" height="10" />
      <rect class="part" width={at(value.value).toFixed(2)} height="10" />
      {value.low === null ? null : (
        <rect class="range" x={low.toFixed(2)} y="4" width={Math.max(0.4, high - low).toFixed(2)} height="2" />
      )}
    </svg>
  );
}

function reach(value: MetricValue | undefined): number {
  return value?.high ?? value?.value ?? 0;
}
function sizeOf({ metrics }: MetricRow, metric: string): number {
  return metrics[metric]?.value ?? Number.NEGATIVE_INFINITY;
}
