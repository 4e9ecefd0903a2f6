-- Records applied and what they held, and the newest of them, in the transaction that holds their facts.
INSERT INTO record_count
SELECT log_partition, record_kind, records, items, unmodelled, newest_offset, newest_received_at FROM stage_record_count
ON CONFLICT (log_partition, record_kind) DO UPDATE
SET records = record_count.records + excluded.records, items = record_count.items + excluded.items, unmodelled = record_count.unmodelled + excluded.unmodelled,
  newest_offset = coalesce(excluded.newest_offset, record_count.newest_offset),
  newest_received_at = coalesce(excluded.newest_received_at, record_count.newest_received_at)
