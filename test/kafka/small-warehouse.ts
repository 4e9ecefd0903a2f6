import { setTimeout as sleep } from 'node:timers/promises';
import { ApplyLoop } from '../../api/warehouse-thread/apply-loop.ts';
import { Apply } from '../../ingest/apply.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import { acceptedGaps } from '../../ingest/log-gap.ts';
import { newestRecords } from '../../ingest/log-identity.ts';
import { type Connection, Database } from '../../sql/database.ts';
import type { SluiceError } from '../../sql/errors.ts';
import { migrate } from '../../sql/migrate.ts';

/** A webhook body with one status of its own: of message `wamid.<n>`. */
export const statusBody = (n: number) =>
  Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: 'waba',
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '+1 650 555 0000', phone_number_id: 'pn' },
                statuses: [{ id: `wamid.${n}`, status: 'sent', timestamp: '1750030073', recipient_id: '4915112345678' }],
              },
            },
          ],
        },
      ],
    }),
  );
/** The ids of the first so many of them, sorted. */
export const idsTo = (count: number) => Array.from({ length: count }, (_, n) => `wamid.${n}`).sort();
export const receivedAt = 1_750_030_074_000_000n;

/** A warehouse in a file, without models and pages, as a backup would copy it. */
export class SmallWarehouse {
  private constructor(
    private readonly database: Database,
    readonly apply: Apply,
    readonly connection: Connection,
  ) {}

  static async open(path: string): Promise<SmallWarehouse> {
    const database = await Database.open({ path, memoryMb: 256, threads: 1 });
    const connection = await database.connect();
    await migrate(connection);
    return new SmallWarehouse(database, await Apply.on(await database.connect()), connection);
  }

  /**
   * @param apply another way to commit, to make trouble
   * @param onCommit called after each commit
   * @param onGap called when it stands before records that are gone
   */
  async loop(
    reader: EventLogReader,
    apply: Apply = this.apply,
    onCommit: () => void = () => undefined,
    onGap: (error: SluiceError) => void = () => undefined,
  ): Promise<ApplyLoop> {
    const gaps = await acceptedGaps(this.connection);
    const known = await newestRecords(this.connection);
    const little = (ms: number) => sleep(Math.min(ms, 5));
    return ApplyLoop.create({ reader, apply, gaps, known, onCommit, onGap, batchBytes: 20_000, sleep: little });
  }

  /** Ids of the messages whose status it has, each as often as it has it, sorted. */
  async ids(): Promise<string[]> {
    const rows = await this.connection.rows('SELECT message_id AS id FROM fact_status ORDER BY id');
    return rows.map(({ id }) => String(id));
  }

  close(): void {
    this.connection.close();
    this.database.close();
  }
}
