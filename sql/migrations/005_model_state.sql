-- Which state of each model serves now. The log of its builds is model_run.
CREATE TABLE model_state (
  model    VARCHAR NOT NULL,
  checksum VARCHAR,          -- of the model and of all that it reads, as of the table that serves; null before the first good build
  built_at TIMESTAMP,        -- up to when its numbers are kept fresh
  outcome  VARCHAR NOT NULL, -- of the last build: ok | audit_failed | error. Anything but ok: an older good table serves
  message  VARCHAR
);
