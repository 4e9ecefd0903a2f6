-- The newest record applied of each partition and kind, by which the log is known again: NULL until the next one is applied.
ALTER TABLE record_count ADD COLUMN newest_offset BIGINT;
ALTER TABLE record_count ADD COLUMN newest_received_at TIMESTAMP;
