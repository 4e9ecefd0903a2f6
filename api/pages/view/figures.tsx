import type { MetricDefinition, MetricValue } from '../../../models/metric-query.ts';
import type { Drill } from '../drill.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Count, Rate } from './rate.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'figures' }>;
  definitions: Map<string, MetricDefinition>;
  words: Words;
  drill: Drill;
  against: string | null;
}

/** Large figures, one a metric. */
export function Figures({ data, definitions, words, drill, against }: Props) {
  const { panel, total, previous } = data;
  return (
    <dl class="figures-row">
      {panel.query.metrics.map((name) => {
        const definition = definitions.get(name);
        const value = total.rows[0]?.metrics[name];
        return (
          <div key={name} class="figure">
            <dt title={words.meaning(definition)}>{words.metric(name, definition)}</dt>
            <dd>
              {definition?.kind === 'rate' ? (
                <Rate value={value} definition={definition} words={words} messages={drill(name)} />
              ) : (
                <span class="rate">
                  <span class="value">
                    <Count value={value} definition={definition} words={words} messages={drill(name)} />
                  </span>
                </span>
              )}
              <Change
                value={value}
                before={previous?.rows[0]?.metrics[name]}
                asked={previous !== null}
                against={against}
                words={words}
                definition={definition}
              />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

interface ChangeProps {
  value: MetricValue | undefined;
  before: MetricValue | undefined;
  asked: boolean;
  /** The campaign that it is compared with; null for the period before. */
  against: string | null;
  definition: MetricDefinition | undefined;
  words: Words;
}

/** Against the previous period or another campaign: what it was, and by how much this differs; of rates in percentage points. */
export function Change({ value, before, asked, against, definition, words }: ChangeProps) {
  if (!asked) return null;
  const { t } = words;
  if (value?.value == null || before?.value == null) return <p class="change quiet">{t('compare.none')}</p>;
  const difference = value.value - before.value;
  const isRate = definition?.unit === 'share';
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '±';
  const size = Math.abs(difference);
  const amount = isRate
    ? t('compare.points', { n: words.decimal(100 * size, size < 0.001 ? 2 : 1), size: 100 * size })
    : before.value === 0
      ? words.figure(size, definition)
      : words.percent(size / Math.abs(before.value));
  const told = { change: `${sign}${amount}`, before: words.figure(before.value, definition) };
  const arrow = difference > 0 ? '↑' : difference < 0 ? '↓' : '→';
  return (
    <p class="change quiet">
      <span aria-hidden="true">{arrow} </span>
      {against === null ? t('compare.change', told) : t('compare.rival', { ...told, campaign: against })}
    </p>
  );
}
