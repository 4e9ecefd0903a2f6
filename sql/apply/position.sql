-- The next record to read of one log partition: $1 partition, $2 offset.
INSERT INTO ingest_position VALUES ($1, $2) ON CONFLICT (log_partition) DO UPDATE SET next_offset = excluded.next_offset
