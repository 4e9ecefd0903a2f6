import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import { readAnnouncement } from '../data-folder.ts';
import type { ReconciliationAnswer } from '../reconciliation.ts';
import { operatorToken } from './desk.ts';
import { RemoteClient } from './remote-client.ts';
import { textTable } from './table.ts';

/** Adds `sluice reconcile`: the books of the running server, and the platform's figures beside ours. */
export function addReconcile(program: Command, { config, line }: { config: () => Config; line: (text: string) => void }): void {
  program
    .command('reconcile')
    .description("whether the facts are what was told, and where the platform's own analytics differ, with the likely cause")
    .option('--file <file>', 'hand in an answer of the Graph API to pricing_analytics or template_analytics first')
    .option('--waba <id>', 'only this account; with --file, the one that was asked about')
    .option('--json', 'the whole answer as JSON')
    .addHelpText('after', '\nExamples:\n  sluice reconcile\n  sluice reconcile --file october.json --waba 102290129340398')
    .action(async ({ file, waba, json }: { file?: string; waba?: string; json?: boolean }) => {
      const settings = config();
      const server = await readAnnouncement(settings.dataDir);
      if (server === null) throw new SluiceError('server_not_running', { detail: settings.dataDir });
      const client = new RemoteClient(server.url, operatorToken(settings));
      try {
        if (file !== undefined) {
          const given = readAnswer(file);
          const waba_id = waba ?? (typeof given['id'] === 'string' ? given['id'] : undefined);
          if (waba_id === undefined) {
            throw new SluiceError('input_invalid', {
              detail: `${file} does not say which account it is about: add --waba`,
              field: 'waba',
            });
          }
          const { figures } = await client.json<{ figures: number }>('POST', '/v1/reconciliation', { waba_id, answer: given });
          line(`${figures} figures handed in.`);
          await client.json('POST', '/v1/admin/models/build');
        }
        const query = waba === undefined ? '' : `?waba=${encodeURIComponent(waba)}`;
        const answer = await client.json<ReconciliationAnswer>('GET', `/v1/reconciliation${query}`);
        line(json ? JSON.stringify(answer, null, 2) : reconciliationText(answer));
      } finally {
        await client.close();
      }
    });
}

function readAnswer(file: string): { [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as { [key: string]: unknown };
    throw new Error('it is not an object');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('input_invalid', { detail: `${file}: ${why}`, field: 'file', cause });
  }
}

/** The answer for a terminal: books, then differences. */
export function reconciliationText({ records, facts, compared, agreeing, lines }: ReconciliationAnswer): string {
  const wrong = [...records, ...facts].filter(({ difference }) => difference !== 0);
  const parts = [
    textTable(
      ['log', 'applied', 'counted', 'items', 'quarantined', 'difference'],
      records.map((row) => [row.partition, row.applied, row.counted, row.items, row.quarantined, row.difference]),
    ),
    '',
    textTable(
      ['fact', 'told', 'copies', 'held', 'difference'],
      facts.map((row) => [row.fact, row.told, row.copies, row.held, row.difference]),
    ),
    '',
    wrong.length === 0 ? 'Facts are what was told, less copies.' : `${wrong.length} of the books differ: see the last column.`,
    compared === 0
      ? "None of the platform's own figures were handed in for the last 90 days: --file takes them."
      : `${agreeing} of ${compared} of the platform's own figures agree.`,
  ];
  if (lines.length > 0) {
    const rows = lines.map((one) => [
      one.from.slice(0, 16),
      one.country ?? '-',
      one.template_name ?? `${one.category ?? '-'}, ${one.pricing_type ?? '-'}`,
      `${one.their.delivered} / ${one.our.delivered}`,
      `${amount(one.their.cost_micros)} / ${amount(one.our.cost_micros)}`,
      one.cause,
    ]);
    parts.push(
      '',
      textTable(['from (UTC)', 'country', 'what', 'delivered: theirs / ours', 'cost: theirs / ours', 'likely cause'], rows),
    );
    for (const [cause, text] of new Map(lines.map((one) => [one.cause, one.cause_text]))) parts.push('', `${cause}: ${text}`);
  }
  return parts.join('\n');
}

function amount(micros: string | null): string {
  return micros === null ? '-' : (Number(micros) / 1e6).toFixed(6).replace(/0{1,4}$/, '');
}
