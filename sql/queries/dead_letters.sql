-- What was set aside behind the places in $after, a list of {partition, next, item}, in order of place: at least one row, else about
-- $bytes of bodies. Rows appear with the position of their partition, so behind a place that was seen nothing comes late.
WITH after AS (
  SELECT unnest(from_json($after::VARCHAR, '[{"partition": "VARCHAR", "next": "BIGINT", "item": "INTEGER"}]'), recursive := true)
),
due AS (
  SELECT q.*
  FROM quarantine AS q
  LEFT JOIN after AS a ON a.partition = q.log_partition
  WHERE a.partition IS NULL OR (q.log_offset, q.item) > (a.next, a.item)
),
sized AS (
  SELECT log_partition, log_offset, item,
    sum(octet_length(body)) OVER places - octet_length(body) AS bytes_before
  FROM due
  WINDOW places AS (ORDER BY log_partition, log_offset, item)
)
SELECT d.log_partition, d.log_offset, d.item, d.record_kind, epoch_us(d.received_at) AS received_us, d.reason, d.detail, d.body
FROM due AS d
JOIN sized AS s ON s.log_partition = d.log_partition AND s.log_offset = d.log_offset AND s.item = d.item
WHERE s.bytes_before < $bytes
ORDER BY d.log_partition, d.log_offset, d.item
LIMIT 1000;
