-- All records of one archive file, in order.
SELECT log_offset, record_kind, epoch_us(received_at) AS received_us, body
FROM read_parquet($1)
ORDER BY log_offset
