-- The log records of which something is in quarantine, oldest first.
SELECT DISTINCT log_partition, log_offset FROM quarantine ORDER BY log_partition, log_offset;
