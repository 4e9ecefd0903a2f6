import type { ArchivableLog, ArchivableSegment } from '../archive.ts';
import type { LogRecord, Positions } from '../record.ts';
import type { KafkaOptions, KafkaReport } from './options.ts';

/** Records that wait before they are archived whatever their age, and about as many as one file has. */
const fileRecords = 50_000n;
const dayMs = 86_400_000;

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** What of the reader the archive uses. */
interface TopicReader {
  start(): Promise<Positions>;
  end(): Promise<Positions>;
  readPartition(name: string, from: bigint, maxBytes: number): Promise<LogRecord[]>;
}

/**
 * Kafka's topics as something to archive. Topics have no segments of ours: a stretch of a partition is sealed when many applied records wait,
 * when the UTC day of its first record is over, or, where retention is short, in good time before it would remove them.
 */
export class KafkaArchiveSource implements ArchivableLog {
  sealedSegments: readonly ArchivableSegment[] = [];
  /** Per partition the offset below which everything is sealed because someone asked. */
  private asked: Positions = new Map();
  private readonly lost = new Map<string, bigint>();

  /**
   * @param now milliseconds since 1970
   * @param applied below these positions everything is in the warehouse
   */
  constructor(
    private readonly reader: TopicReader,
    private readonly options: Pick<KafkaOptions, 'retentionMs'>,
    private readonly report: KafkaReport,
    private readonly now: () => number,
    private readonly applied: () => Positions,
  ) {}

  async rotateDaily(archivedEnds: ReadonlyMap<string, number>): Promise<void> {
    const [starts, ends] = [await this.reader.start(), await this.reader.end()];
    const sealed: ArchivableSegment[] = [];
    for (const [partition, end] of ends) {
      const archived = BigInt(archivedEnds.get(partition) ?? 0);
      const start = starts.get(partition) ?? 0n;
      if (start > archived) this.reportLoss(partition, archived, start);
      const first = start > archived ? start : archived;
      if (first < end && (await this.isDue(partition, first, end))) {
        sealed.push({ partition, first: Number(first), end: Number(end) });
      }
    }
    this.sealedSegments = sealed;
  }

  async rotate(): Promise<void> {
    this.asked = await this.reader.end();
  }

  readSegment({ partition }: ArchivableSegment, from: number, maxBytes: number): Promise<LogRecord[]> {
    return this.reader.readPartition(partition ?? '', BigInt(from), maxBytes);
  }

  /** Retention is Kafka's. */
  async release(): Promise<number> {
    return 0;
  }

  /** The topics stay where they are. */
  async copyTo(): Promise<void> {}

  private async isDue(partition: string, first: bigint, end: bigint): Promise<boolean> {
    // Through a backlog the archive stays behind the facts: both are read on the thread that answers HTTP.
    const applied = this.applied().get(partition) ?? 0n;
    if (min(applied, end) - first >= fileRecords || first < (this.asked.get(partition) ?? 0n)) return true;
    const [oldest] = await this.reader.readPartition(partition, first, 1);
    if (oldest === undefined) return false;
    const [now, receivedMs] = [this.now(), Number(oldest.receivedAt / 1000n)];
    return Math.floor(now / dayMs) > Math.floor(receivedMs / dayMs) || now - receivedMs > this.options.retentionMs / 4;
  }

  /** Says once what the archive will never hold, and lets it go on behind: to stop would lose more. */
  private reportLoss(partition: string, from: bigint, start: bigint): void {
    if (this.lost.get(partition) === start) return;
    this.lost.set(partition, start);
    this.report(`records ${from} to ${start - 1n} of ${partition} left the topic before they were archived`, {
      partition,
      records: Number(start - from),
    });
  }
}
