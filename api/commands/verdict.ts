import { type Command, Option } from 'commander';
import type { Verdict } from '../../models/experiments/document.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import { readAnnouncement } from '../data-folder.ts';
import { operatorToken } from './desk.ts';
import { RemoteClient } from './remote-client.ts';
import { textTable } from './table.ts';

/** Adds `sluice verdict`: asks the running server what is to be said of an experiment. */
export function addVerdict(program: Command, { config, line }: { config: () => Config; line: (text: string) => void }): void {
  program
    .command('verdict')
    .description(
      'what is to be said of an experiment now, in one sentence and the numbers behind it; of all of them without an id',
    )
    .argument('[experiment]', 'its id')
    .addOption(new Option('--lang <language>', 'of the sentence').choices(['en', 'fr']).default('en'))
    .option('--json', 'the whole document as JSON')
    .addHelpText('after', '\nExamples:\n  sluice verdict\n  sluice verdict autumn-sale --lang fr')
    .action(async (id: string | undefined, { lang, json }: { lang: 'en' | 'fr'; json?: boolean }) => {
      const settings = config();
      const server = await readAnnouncement(settings.dataDir);
      if (server === null) throw new SluiceError('server_not_running', { detail: settings.dataDir });
      const client = new RemoteClient(server.url, operatorToken(settings));
      try {
        if (id === undefined) {
          const { experiments } = await client.json<{ experiments: Verdict[] }>('GET', '/v1/experiments');
          if (json) return line(JSON.stringify(experiments, null, 2));
          if (experiments.length === 0) return line('There is no experiment yet: PUT /v1/experiments/{id} registers one.');
          const rows = experiments.map((one) => [one.experiment_id, one.state, one.counted, one.people, one.sentence[lang]]);
          return line(textTable(['experiment', 'verdict', 'counted', 'people', 'sentence'], rows));
        }
        const verdict = await client.json<Verdict>('GET', `/v1/experiments/${encodeURIComponent(id)}`);
        line(json ? JSON.stringify(verdict, null, 2) : verdictText(verdict, lang));
      } finally {
        await client.close();
      }
    });
}

/** A verdict for a terminal: the sentence, then arms, comparisons and notes. */
export function verdictText(verdict: Verdict, lang: 'en' | 'fr'): string {
  const { comparisons, arms, notes, guardrails, looks } = verdict;
  const percent = (value: number | null) => (value === null ? '-' : `${(100 * value).toPrecision(3)} %`);
  const parts = [
    `${verdict.name}: ${verdict.state}`,
    '',
    verdict.sentence[lang],
    '',
    textTable(
      ['arm', 'weight', 'people', 'counted', 'written to'],
      arms.map((arm) => [arm.name ?? arm.id, arm.weight ?? 'unknown', arm.people, arm.counted, arm.contacted]),
    ),
  ];
  if (comparisons.length > 0) {
    const rows = comparisons.map(({ arm, relative, p, sequence, confidence }) => [
      arm,
      `${percent(relative.value)} (${percent(relative.low)} to ${percent(relative.high)})`,
      `${(100 * confidence).toPrecision(4)} %`,
      p?.toPrecision(2) ?? '-',
      sequence.speaks === false ? 'not yet' : (sequence.p?.toPrecision(2) ?? '-'),
    ]);
    parts.push('', textTable(['arm', 'lift', 'confidence', 'p', 'always-valid p'], rows));
  }
  if (looks !== null)
    parts.push('', `Look ${looks.taken} of ${looks.planned}; ${percent(looks.information)} of the planned people are counted.`);
  for (const { stratified } of comparisons) {
    for (const { by, strata, relative, absolute } of stratified) {
      const lift = relative.value === null ? `${percent(absolute)} points` : percent(relative.value);
      parts.push('', `Within ${strata} ${by}s: ${lift} (${percent(relative.low)} to ${percent(relative.high)}).`);
    }
  }
  for (const { suspects } of verdict.health) {
    const rows = suspects.map((one) => [
      one.dimension,
      one.value ?? 'none',
      one.people,
      one.p.toPrecision(2),
      one.explains ? 'yes' : 'no',
    ]);
    if (rows.length > 0) parts.push('', textTable(['shares are off in', '', 'people', 'p', 'and nowhere else'], rows));
  }
  for (const { arm, metric, rate, limit, alarm } of guardrails) {
    if (alarm) parts.push('', `Guardrail broken: ${metric} of ${arm} is ${percent(rate)}, the limit ${percent(limit)}.`);
  }
  for (const note of notes) parts.push('', note.text[lang]);
  return parts.join('\n');
}
