import type { Criterion } from './criteria.ts';
import type { Player } from './player.ts';
import type { Summary } from './summary.ts';

/** The tables of docs/controller.md in Markdown. */
export function tables(summaries: readonly Summary[], players: readonly Player[], criteria: readonly Criterion[]): string {
  const played = players.filter(({ name }) => summaries.some(({ player }) => player === name));
  return [
    ...(played.length > 1
      ? ['**All players**, over all scenarios of a kind; counts are a world’s.', byPlayer(summaries, played)]
      : []),
    '**Sluice**, scenario by scenario.',
    byScenario(summaries.filter(({ player }) => player === 'sluice')),
    '**What was wanted**',
    criteria.map(({ text, met, figures }) => `- ${met ? 'met' : '**not met**'}: ${text} (${figures}).`).join('\n'),
  ].join('\n\n');
}

function byPlayer(summaries: readonly Summary[], players: readonly Player[]): string {
  const rows = players.flatMap(({ name, title }) =>
    (['healthy', 'bad'] as const).flatMap((kind) => {
      const own = summaries.filter(({ player, scenario }) => player === name && scenario.kind === kind);
      if (own.length === 0) return [];
      const mean = (of: (summary: Summary) => number | null) => {
        const values = own.flatMap((summary) => of(summary) ?? []);
        return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
      };
      return [
        [
          title,
          kind,
          percent(mean((s) => s.goodShare)),
          number(
            mean((s) => s.falsePerMillion),
            1,
          ),
          kind === 'bad' ? number(mean((s) => s.bad)) : '',
          kind === 'bad' ? percent(mean((s) => s.named)) : '',
          number(mean((s) => s.blocks)),
          number(
            mean((s) => s.downgrades),
            3,
          ),
          number(
            mean((s) => s.reversals),
            2,
          ),
        ],
      ];
    }),
  );
  return markdown(
    [
      'player',
      'worlds',
      'good, of the oracle’s',
      'false brakes per million',
      'bad messages',
      'guilty alone',
      'blocks',
      'downgrades',
      'reversals',
    ],
    rows,
  );
}

function byScenario(summaries: readonly Summary[]): string {
  const rows = summaries.map((s) => [
    s.scenario.title,
    percent(s.goodShare),
    number(s.falsePerMillion, 2),
    s.allowed === null ? '' : number(s.badUntilBraked),
    number(s.allowed),
    s.allowed === null ? '' : s.delay === null ? 'never' : `${minutes(s.delay)}${s.missed > 0 ? ` (missed ${s.missed})` : ''}`,
    s.allowed === null ? '' : number(s.bad),
    percent(s.named),
    percent(s.exact),
    number(s.downgrades, 3),
    number(s.reversals, 2),
    s.recovery === null ? '' : minutes(s.recovery),
  ]);
  return markdown(
    [
      'scenario',
      'good, of the oracle’s',
      'false brakes per million',
      'messages until braked',
      'Lorden and feedback',
      'time until braked',
      'bad messages',
      'guilty alone',
      'all of the guilty',
      'downgrades',
      'reversals',
      'recovery',
    ],
    rows,
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function percent(value: number | null): string {
  return value === null ? '' : `${(100 * value).toFixed(1)} %`;
}

function number(value: number | null, digits = 0): string {
  return value === null ? '' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function minutes(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? `${(milliseconds / 60_000).toFixed(1)} min` : 'not in time';
}
