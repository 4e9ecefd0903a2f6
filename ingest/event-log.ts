import type { LogRecord, NewRecord, Place, Positions, RecordKind } from './record.ts';

/**
 * The durable log, the truth of the warehouse. Two adapters (embedded, Kafka) pass one contract suite:
 * - `append` resolves only when the record would survive power loss; it rejects with `log_unavailable` when it cannot be written,
 *   and then the record is not in the log (or is, if the fault hit after the write: readers deduplicate by content).
 * - records of one partition are read in offset order, without holes, bytes unchanged, again and again from any position.
 * - reading never waits for a writer and a slow reader never holds up `append`.
 */
export interface EventLogWriter {
  /** Appends one record; `receivedAt` in microseconds since 1970. Resolves with its place once it is durable. */
  append(kind: RecordKind, body: Uint8Array, receivedAt: bigint): Promise<Place>;
  /**
   * Appends several records, at least one, as one: in this order, with nothing between them, all of them durable or none. Resolves with
   * the place of the first.
   */
  appendAll(kind: RecordKind, records: readonly NewRecord[]): Promise<Place>;
  /** Finishes what is under way, then refuses more. */
  close(): Promise<void>;
}

export interface EventLogReader {
  /**
   * Records from these positions on, in order within each partition; at least one record when there is one, else about
   * `maxBytes` of bodies. Empty when the end is reached. Throws `log_gap` when a position was already removed.
   */
  read(from: Positions, maxBytes: number): Promise<LogRecord[]>;
  /** Resolves when there is something to read from these positions, or after `timeoutMs`. */
  waitFor(from: Positions, timeoutMs: number): Promise<void>;
  /** Per partition the offset the next record will get. */
  end(): Promise<Positions>;
  /** Tells the log that everything below these positions is in the warehouse: it may go once it is archived too. */
  applied(positions: Positions): Promise<void>;
}

export interface EventLog extends EventLogWriter, EventLogReader {}
