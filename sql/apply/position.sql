-- The next record to read of each log partition.
INSERT INTO ingest_position SELECT log_partition, next_offset FROM stage_position
ON CONFLICT (log_partition) DO UPDATE SET next_offset = excluded.next_offset
