-- Where the warehouse stands in each partition of the log: read inside the transaction that moves it.
SELECT log_partition, next_offset FROM ingest_position
