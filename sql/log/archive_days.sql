-- The UTC days on which the staged records were received: one archive file each.
SELECT
  strftime(make_timestamp(received_us), '%Y-%m-%d') AS day,
  min(log_offset)                                   AS first_offset,
  max(log_offset)                                   AS last_offset,
  count(*)                                          AS row_count,
  sum(octet_length(body))                           AS body_bytes
FROM record
GROUP BY day
ORDER BY day
