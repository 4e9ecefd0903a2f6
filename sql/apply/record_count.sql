-- Records applied and what they held, in the transaction that holds their facts.
INSERT INTO record_count
SELECT log_partition, record_kind, records, items, unmodelled FROM stage_record_count
ON CONFLICT (log_partition, record_kind) DO UPDATE
SET records = record_count.records + excluded.records, items = record_count.items + excluded.items, unmodelled = record_count.unmodelled + excluded.unmodelled
