-- A segment of the embedded event log. One row is one group commit: `records` records from `first_offset` on, packed as ingest/frame.ts
-- says. `bytes` is the length of `data`, so that a reader can choose its range without touching the bytes.
CREATE TABLE frame (
  first_offset BIGINT  NOT NULL,
  records      INTEGER NOT NULL,
  bytes        INTEGER NOT NULL,
  data         BLOB    NOT NULL
);
