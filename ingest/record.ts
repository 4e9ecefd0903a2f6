/** What a record of the log is: bytes exactly as they were accepted, and where they stand. */
export const recordKinds = ['webhook', 'event', 'command'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** Where a record stands. */
export interface Place {
  /** The log's partition: 'log' for the embedded log, '<topic>/<n>' for Kafka. */
  partition: string;
  /** Counts up by one in its partition, from 0. */
  offset: bigint;
}

/** What a writer gives of a record of one kind. */
export interface NewRecord {
  /** When it was accepted, microseconds since 1970 UTC. */
  receivedAt: bigint;
  /**
   * webhook: the POST body as the platform sent it. event: a JSON array of the accepted events of one POST.
   * command: one JSON object, see command.ts.
   */
  body: Uint8Array;
}

export interface LogRecord extends Place, NewRecord {
  kind: RecordKind;
}

/** Per partition, the offset of the next record to read. A partition that is absent starts at 0. */
export type Positions = ReadonlyMap<string, bigint>;
