import type { ComponentChildren } from 'preact';
import type { MetricDefinition, MetricValue } from '../../../models/metric-query.ts';
import type { Words } from '../words.ts';

export interface RateProps {
  value: MetricValue | undefined;
  definition: MetricDefinition | undefined;
  words: Words;
  /** The address of the messages behind its numerator, where they can be listed. */
  messages?: string | null;
  /** Leaves the mark of what is not final to the row. */
  markInRow?: boolean;
}

/** Whether a rate stands on fewer messages than it needs to mean something. */
export function isFew(value: MetricValue, definition: MetricDefinition | undefined): boolean {
  return value.denominator < (definition?.minimum_denominator ?? 0);
}

/** The mark of a rate that may still move: a sign and a word, for those who do not see colours. */
export function OpenMark({ words, value }: { words: Words; value?: MetricValue }) {
  const maturity = value?.maturity ?? null;
  const expected = maturity === null ? '' : ` ${words.t('rate.expected', { share: words.percent(maturity) })}`;
  const adjusted = value?.adjusted ?? null;
  const heading =
    adjusted === null
      ? ''
      : `; ${words.t('rate.adjusted', { value: words.percent(adjusted.value), low: words.percent(adjusted.low), high: words.percent(adjusted.high) })}`;
  const due = expected === '' ? '' : `${expected}${heading}.`;
  return (
    <span class="open" title={`${words.t('rate.open.title')}${due}`}>
      <span aria-hidden="true">◔ </span>
      {words.t('rate.open')}
    </span>
  );
}

/** A rate with its interval and counts, for a table cell or a figure. An undefined rate is a dash, never 0. */
export function Rate({ value, definition, words, messages = null, markInRow = false }: RateProps) {
  const { t } = words;
  if (value === undefined || value.value === null) {
    return (
      <span class="rate undefined" title={t('rate.undefined')}>
        <span aria-hidden="true">—</span>
        <span class="unseen">{t('rate.undefined')}</span>
      </span>
    );
  }
  const few = isFew(value, definition);
  return (
    <span class={few ? 'rate few' : 'rate'}>
      <data class="value" value={value.value}>
        {words.percent(value.value)}
      </data>
      {value.low === null || value.high === null ? null : (
        <span class="interval">
          <span class="unseen">{t('rate.interval')} </span>
          {words.interval(value.low, value.high, value.value)}
        </span>
      )}
      <span class="counts">
        <Messages href={messages} words={words}>
          {words.count(value.numerator)}
        </Messages>{' '}
        / {words.count(value.denominator)}
      </span>
      {few ? (
        <span class="tag" title={t('rate.few', { minimum: definition?.minimum_denominator ?? 0 })}>
          {t('rate.few.short')}
        </span>
      ) : null}
      {value.final || markInRow ? null : <OpenMark words={words} value={value} />}
    </span>
  );
}

/** A number that leads to the messages behind it, where they can be listed. */
export function Messages({ href, words, children }: { href: string | null; words: Words; children: ComponentChildren }) {
  if (href === null) return <>{children}</>;
  return (
    <a class="drill" href={href} title={words.t('messages.drill')}>
      {children}
    </a>
  );
}

/** A count, or a ratio with what it is divided by; what the answer lacks or cannot divide is a dash. */
export function Count({ value, definition, words, messages = null }: Omit<RateProps, 'markInRow'>) {
  if (value === undefined || value.value === null) return <span aria-hidden="true">—</span>;
  const figure = <data value={value.value}>{words.figure(value.value, definition)}</data>;
  if (definition?.kind !== 'ratio') {
    return (
      <Messages href={value.value === 0 ? null : messages} words={words}>
        {figure}
      </Messages>
    );
  }
  const few = isFew(value, definition);
  return (
    <span class={few ? 'rate few' : 'rate'}>
      <span class="value">{figure}</span>
      {/_(micros|s)$/.test(definition.denominator ?? '') ? null : (
        <span class="counts">n = {words.count(value.denominator)}</span>
      )}
      {few ? (
        <span class="tag" title={words.t('rate.few', { minimum: definition.minimum_denominator })}>
          {words.t('rate.few.short')}
        </span>
      ) : null}
    </span>
  );
}

/** What the signs of the tables mean. */
export function Legend({ words }: { words: Words }) {
  const { t } = words;
  return (
    <details class="legend">
      <summary>{t('legend.title')}</summary>
      <ul>
        <li>{t('legend.interval')}</li>
        <li>◔ {t('legend.open')}</li>
        <li>{t('legend.few')}</li>
        <li>— {t('legend.none')}</li>
      </ul>
    </details>
  );
}
