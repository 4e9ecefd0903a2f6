-- Ranges of the log whose loss was accepted, oldest first.
SELECT log_partition, first_offset, next_offset, accepted_at, reason
FROM ingest_gap
ORDER BY accepted_at, log_partition, first_offset;
