import type { ComponentChildren } from 'preact';
import type { Words } from '../words.ts';
import { Scroll } from './table.tsx';

export interface PlainRow {
  key: string;
  cells: ComponentChildren[];
  class?: string;
}

interface Props {
  title: string;
  words: Words;
  /** Titles of the columns; those of numbers stand to the right. */
  head: { label: string; number?: boolean }[];
  rows: PlainRow[];
  /** How it looks, see the theme. */
  class?: string;
}

/** A table of what is no metric: the first column names the row. */
export function PlainTable({ title, words, head, rows, class: look = 'plain' }: Props) {
  return (
    <Scroll title={title} words={words}>
      <table class={look}>
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            {head.map(({ label, number }) => (
              <th key={label} scope="col" class={number ? 'number' : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...others], class: name }) => (
            <tr key={key} data-key={key} class={name}>
              <th scope="row">{first}</th>
              {others.map((cell, at) => (
                <td key={head[at + 1]?.label ?? at} class={head[at + 1]?.number ? 'number' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
