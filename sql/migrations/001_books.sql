-- The warehouse's own books: how far the log is applied, what was set aside, what the models did.

-- One row a log partition. `next_offset` is committed in the transaction that commits the facts of the records below it.
CREATE TABLE ingest_position (
  log_partition VARCHAR NOT NULL,
  next_offset   BIGINT  NOT NULL,
  PRIMARY KEY (log_partition)
);

-- Input that could not become facts, with its bytes, so that `sluice quarantine replay` can try again.
CREATE TABLE quarantine (
  log_partition VARCHAR   NOT NULL,
  log_offset    BIGINT    NOT NULL,
  item          INTEGER   NOT NULL, -- which update or event inside the record, counted from 0; -1 is the whole record
  record_kind   VARCHAR   NOT NULL, -- webhook | event | command
  received_at   TIMESTAMP NOT NULL,
  reason        VARCHAR   NOT NULL, -- a stable code
  detail        VARCHAR   NOT NULL, -- what was wrong, where
  body          BLOB      NOT NULL  -- the bytes of the item, or of the record
);

-- One build of one model.
CREATE TABLE model_run (
  run_id      VARCHAR   NOT NULL,
  model       VARCHAR   NOT NULL,
  mode        VARCHAR   NOT NULL, -- full | incremental
  started_at  TIMESTAMP NOT NULL,
  finished_at TIMESTAMP,
  outcome     VARCHAR   NOT NULL, -- ok | audit_failed | error
  rows_built  BIGINT,
  checksum    VARCHAR   NOT NULL, -- of the model's SQL
  message     VARCHAR
);

-- What apply changed and the models have not yet recomputed. Rows are taken away by the model run that used them.
CREATE SEQUENCE change_seq;
CREATE TABLE changed_message (          -- 15-minute buckets of messages, before and after the change
  seq         BIGINT    NOT NULL DEFAULT nextval('change_seq'),
  bucket_at   TIMESTAMP NOT NULL,
  campaign_id VARCHAR
);
CREATE TABLE changed_contact (          -- aliases whose inbound messages, clicks, orders, consents or messages changed
  seq         BIGINT  NOT NULL DEFAULT nextval('change_seq'),
  alias_id    VARCHAR NOT NULL,
  -- From when on the person's credits may change: the time of the changed event, or of the proof of delivery. NULL = from the
  -- beginning, and whom the alias stands for may have changed as well.
  changed_at  TIMESTAMP
);
