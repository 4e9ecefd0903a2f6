-- What was set aside, newest first. $limit rows at the most.
SELECT log_partition, log_offset, item, record_kind, received_at, reason, detail,
  -- bytes beyond ASCII are shown escaped: this is an excerpt for a person, the bytes themselves stay in the table
  left(body::VARCHAR, 500) AS excerpt
FROM quarantine
ORDER BY received_at DESC, log_partition, log_offset DESC, item
LIMIT $limit;
