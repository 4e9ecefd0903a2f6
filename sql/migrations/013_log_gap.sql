-- Records that left the log before they were applied or archived, and whose loss a person accepted: see `sluice log accept-gap`.
CREATE TABLE ingest_gap (
  log_partition VARCHAR   NOT NULL,
  first_offset  BIGINT    NOT NULL, -- the first record that is gone
  next_offset   BIGINT    NOT NULL, -- the first behind them
  accepted_at   TIMESTAMP NOT NULL,
  reason        VARCHAR   NOT NULL, -- in the words of whoever accepted it
  PRIMARY KEY (log_partition, first_offset)
);
