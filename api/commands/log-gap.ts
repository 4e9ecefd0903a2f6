import type { Command } from 'commander';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { acceptedGaps, gapsBefore, keepGaps, type LogGap } from '../../ingest/log-gap.ts';
import type { Positions } from '../../ingest/record.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { migrate } from '../../sql/migrate.ts';
import type { Config } from '../config.ts';
import { DataFolder, places } from '../data-folder.ts';
import { withHeld } from './held.ts';
import { textTable } from './table.ts';

interface Tools {
  config(): Config;
  line(text: string): void;
}

/** `sluice log gaps` and `sluice log accept-gap`: of Kafka, whose retention may overtake a warehouse. Sluice must be stopped. */
export function addLogGaps(program: Command, { config, line }: Tools): void {
  const log = program.command('log').description('the log on Kafka: records that are gone');
  log
    .command('gaps')
    .description('records that left the topics before they were applied or archived; Sluice must be stopped')
    .action(() =>
      atLog(config(), async (connection, open) => {
        const accepted = await acceptedGaps(connection);
        const rows = [
          ...open.map((gap) => [...rangeOf(gap), 'open: Sluice does not go on', '']),
          ...accepted.map((gap) => [...rangeOf(gap), 'accepted', gap.reason]),
        ];
        line(
          rows.length === 0 ? 'Nothing is missing.' : textTable(['partition', 'first', 'last', 'records', '', 'reason'], rows),
        );
      }),
    );
  log
    .command('accept-gap')
    .description('accept that the records of an open gap are lost, so that Sluice goes on behind them')
    .argument('<partition>', 'as "sluice log gaps" names it')
    .requiredOption('--records <n>', 'how many are lost, to say that you know')
    .requiredOption('--reason <text>', 'kept with the gap')
    .action((partition: string, { records, reason }: { records: string; reason: string }) =>
      atLog(config(), async (connection, open) => {
        const gap = open.find((one) => one.partition === partition);
        const lost = gap === undefined ? 0n : gap.next - gap.first;
        if (gap === undefined || String(lost) !== records) {
          throw new SluiceError('input_invalid', {
            detail: `${partition} has an open gap of ${lost} records; --records says ${records}`,
            field: 'records',
          });
        }
        await keepGaps(connection, [{ ...gap, acceptedAt: BigInt(Date.now()) * 1000n, reason }]);
        line(
          `${lost} records of ${partition}, ${gap.first} to ${gap.next - 1n}, are accepted as lost. Start with "sluice serve".`,
        );
      }),
    );
}

function rangeOf({ partition, first, next }: LogGap): string[] {
  return [partition, String(first), String(next - 1n), String(next - first)];
}

/** Opens warehouse, archive and topics of a data folder that nobody serves. */
async function atLog(config: Config, work: (connection: Connection, open: LogGap[]) => Promise<void>): Promise<void> {
  if (config.kafka === null) {
    throw new SluiceError('config_invalid', { detail: 'SLUICE_KAFKA_BROKERS is empty: the embedded log removes nothing unread' });
  }
  const { kafka } = config;
  await withHeld(async (held) => {
    const place = places(config.dataDir);
    held(await DataFolder.open(config.dataDir));
    const database = held(await Database.open({ path: place.warehouse, memoryMb: config.memoryMb, threads: 1 }));
    const connection = held(await database.connect());
    await migrate(connection);
    const archive = held(await ArchiveReader.open(place.archive));
    const { KafkaLog } = await import('../../ingest/kafka/kafka-log.ts');
    const log = held(await KafkaLog.open(kafka));
    await work(connection, gapsBefore(await standsAt(connection), await log.start(), archive));
  });
}

/** Where a warehouse goes on at its next start: behind what it has applied, and behind what was accepted as lost there. */
export async function standsAt(connection: Connection): Promise<Positions> {
  const rows = await connection.rows('SELECT log_partition, next_offset FROM ingest_position');
  const at = new Map(rows.map((row) => [String(row.log_partition), row.next_offset as bigint]));
  for (const { partition, first, next } of await acceptedGaps(connection)) {
    const stands = at.get(partition) ?? 0n;
    if (first <= stands && stands < next) at.set(partition, next);
  }
  return at;
}
