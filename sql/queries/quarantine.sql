-- What was set aside, newest first. $limit rows at the most.
SELECT log_partition, log_offset, item, record_kind, received_at, reason, detail,
  body[1:500] AS excerpt
FROM quarantine
ORDER BY received_at DESC, log_partition, log_offset DESC, item
LIMIT $limit;
