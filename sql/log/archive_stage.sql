-- Where the records of one segment stand, in memory, before they are written to the archive.
CREATE OR REPLACE TABLE record (
  log_offset  BIGINT   NOT NULL,
  record_kind VARCHAR  NOT NULL,
  received_us BIGINT   NOT NULL, -- microseconds since 1970 UTC
  body        BLOB     NOT NULL
);
