import type { MetricDefinition, MetricValue } from '../../../models/metric-query.ts';
import { compareMembers } from '../dimension-order.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { isFew } from './rate.tsx';
import { type Member, Scroll } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'heat_map' }>;
  definitions: Map<string, MetricDefinition>;
  member: (dimension: string, id: string | null) => Member;
  words: Words;
}

/** How many shades there are beside none. */
const shades = 6;

/**
 * One metric over rows and columns, as a table whose cells are shaded from the least to the most: darker is more. A cell says its value in words
 * and its n on being pointed at; what stands on few is left unshaded and greyed.
 */
export function HeatMap({ data, definitions, member, words }: Props) {
  const { panel, rows } = data;
  const [metric = ''] = panel.query.metrics;
  const definition = definitions.get(metric);
  const title = words.text(panel.title);
  const { rowName, columnName, cells } = cellsOf(data);
  if (cells.length === 0)
    return <p class="quiet">{words.t(data.panel.query.range === 'all' ? 'panel.none.yet' : 'panel.none')}</p>;
  const rowIds = inOrder(cells.map(({ row }) => row));
  const columnIds = columnName === 'hour' ? hours : inOrder(cells.map(({ column }) => column));
  const found = new Map(cells.map(({ row, column, value }) => [`${row} ${column}`, value]));
  const counted = cells
    .filter(({ value }) => value.value !== null && !isFew(value, definition))
    .map(({ value }) => value.value ?? 0);
  const [least, most] = [Math.min(...counted), Math.max(...counted)];
  const shadeOf = (value: number) => (most > least ? 1 + Math.floor(((value - least) / (most - least)) * (shades - 0.001)) : 3);
  const short = definition?.unit === 'share';
  return (
    <>
      <Scroll title={title} words={words}>
        <table class="heat">
          <caption class="unseen">{words.labelled(title, words.metric(metric, definition))}</caption>
          <thead>
            <tr>
              <th scope="col">{words.dimension(rowName)}</th>
              {columnIds.map((id) => (
                <th key={id} scope="col">
                  {member(columnName, id).label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rowIds.map((row) => (
              <tr key={row} data-key={row}>
                <th scope="row">{member(rowName, row).label}</th>
                {columnIds.map((column) => {
                  const value = found.get(`${row} ${column}`);
                  if (value === undefined || value.value === null) return <td key={column} class="none" />;
                  const few = isFew(value, definition);
                  const shade = few ? 0 : shadeOf(value.value);
                  return (
                    <td key={column} class={few ? 'few' : `shade-${shade}`} title={said(value, words, few)}>
                      {short
                        ? words.decimal(100 * value.value, counted.every((one) => one < 0.1) ? 1 : 0)
                        : words.figure(value.value, definition)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet">
        {counted.length === 0
          ? words.t('heat.few')
          : words.t(short ? 'heat.percent' : 'heat.plain', {
              metric: words.metric(metric, definition),
              least: words.figure(least, definition),
              most: words.figure(most, definition),
            })}
        {rows.truncated ? ` ${words.t('table.truncated', { n: rows.rows.length })}` : ''}
      </p>
    </>
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

function cellsOf({ panel, rows }: Props['data']) {
  const [metric = ''] = panel.query.metrics;
  const [first = '', second] = panel.query.by;
  const split = second === undefined;
  const cells = rows.rows.flatMap(({ dimensions, metrics }) => {
    const value = metrics[metric];
    const [row, column] = split ? String(dimensions[first] ?? '').split('-') : [dimensions[first], dimensions[second]];
    return value === undefined || row == null || column == null ? [] : [{ row, column, value }];
  });
  return { rowName: split ? 'weekday' : first, columnName: split ? 'hour' : second, cells };
}

function inOrder(ids: string[]): string[] {
  return [...new Set(ids)].sort(compareMembers);
}

function said({ numerator, denominator, low, high, value }: MetricValue, words: Words, few: boolean): string {
  const range = low === null || high === null || value === null ? '' : `${words.interval(low, high, value)}; `;
  return `${range}${words.count(Math.round(numerator))} / ${words.count(denominator)}${few ? `; ${words.t('rate.few.short')}` : ''}`;
}
