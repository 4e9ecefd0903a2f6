import type { ComponentChildren } from 'preact';
import type { MetricDefinition, MetricRow } from '../../../models/metric-query.ts';
import type { Drill } from '../drill.ts';
import type { Words } from '../words.ts';
import { MemberName } from './member-name.tsx';
import { Count, OpenMark, Rate } from './rate.tsx';

/** How a value of a dimension is shown. */
export interface Member {
  label: string;
  href?: string;
  note?: string;
}

/** A table that scrolls inside itself where the page is narrow; the keyboard reaches it. */
export function Scroll({ title, words, children }: { title: string; words: Words; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label={words.t('table.scroll', { title })}>
      {children}
    </section>
  );
}

export interface MetricTableProps {
  title: string;
  words: Words;
  rows: MetricRow[];
  metrics: string[];
  definitions: Map<string, MetricDefinition>;
  /** The dimension that the first column names. */
  dimension: string;
  member: (id: string | null) => Member;
  drill?: Drill;
  /** For tables that can be sorted: which metric sorts it now, and where each header leads. */
  sort?: { by: string | null; href: (metric: string) => string };
}

/** Rows of one dimension, a column a metric: rates with interval and counts, counts as they are. */
export function MetricTable({ title, words, rows, metrics, definitions, dimension, member, drill, sort }: MetricTableProps) {
  const isRate = (name: string) => definitions.get(name)?.kind === 'rate';
  return (
    <Scroll title={title} words={words}>
      <table class="metrics">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.dimension(dimension)}</th>
            {metrics.map((name) => (
              <th
                key={name}
                scope="col"
                class="number"
                title={words.meaning(definitions.get(name))}
                aria-sort={sort?.by === name ? 'descending' : undefined}
              >
                <Header name={name} words={words} definition={definitions.get(name)} sort={sort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = row.dimensions[dimension] ?? null;
            const { label, href, note } = member(id);
            const defined = metrics
              .filter(isRate)
              .flatMap((name) => row.metrics[name] ?? [])
              .filter(({ value }) => value !== null);
            const wholeRowOpen = defined.length > 0 && defined.every(({ final }) => !final);
            return (
              <tr key={id ?? ''} data-key={id ?? ''}>
                <th scope="row">
                  <MemberName label={label} href={href} />
                  {note === undefined ? null : <span class="note">{note}</span>}
                  {wholeRowOpen ? <OpenMark words={words} /> : null}
                </th>
                {metrics.map((name) => {
                  const shown = {
                    value: row.metrics[name],
                    definition: definitions.get(name),
                    words,
                    messages: drill?.(name, { dimension, value: id }) ?? null,
                  };
                  return (
                    <td key={name} class="number">
                      {isRate(name) ? <Rate {...shown} markInRow={wholeRowOpen} /> : <Count {...shown} />}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

interface HeaderProps {
  name: string;
  words: Words;
  definition: MetricDefinition | undefined;
  sort: MetricTableProps['sort'];
}

function Header({ name, words, definition, sort }: HeaderProps) {
  const label = words.metric(name, definition);
  if (sort === undefined) return label;
  const sorted = sort.by === name;
  return (
    <a
      href={sort.href(name)}
      aria-label={sorted ? `${label}, ${words.t('table.sorted')}` : words.t('table.sort', { column: label })}
    >
      {label}
      {sorted ? <span aria-hidden="true"> ↓</span> : null}
    </a>
  );
}
