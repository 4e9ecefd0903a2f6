-- The newest record applied of each partition of the log.
SELECT log_partition, max(newest_offset) AS record_offset, epoch_us(arg_max(newest_received_at, newest_offset)) AS received_at
FROM record_count
WHERE newest_offset IS NOT NULL
GROUP BY log_partition
ORDER BY log_partition;
