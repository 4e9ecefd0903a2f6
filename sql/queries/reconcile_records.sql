-- Each partition of the log: records below its position, records counted by kind, and what was set aside.
SELECT
  p.log_partition,
  p.next_offset AS applied,
  coalesce(c.records, 0)::BIGINT AS counted,
  coalesce(c.items, 0)::BIGINT AS items,
  coalesce(c.unmodelled, 0)::BIGINT AS unmodelled,
  coalesce(q.items, 0)::BIGINT AS quarantined,
  (p.next_offset - coalesce(c.records, 0))::BIGINT AS difference
FROM ingest_position AS p
LEFT JOIN (SELECT log_partition, sum(records) AS records, sum(items) AS items, sum(unmodelled) AS unmodelled FROM record_count GROUP BY log_partition) AS c
  USING (log_partition)
LEFT JOIN (SELECT log_partition, count(*) AS items FROM quarantine GROUP BY log_partition) AS q USING (log_partition)
ORDER BY p.log_partition;
