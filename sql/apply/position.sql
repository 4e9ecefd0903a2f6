-- The next record to read of one log partition.
INSERT INTO ingest_position VALUES ($partition, $next_offset) ON CONFLICT (log_partition) DO UPDATE SET next_offset = excluded.next_offset
