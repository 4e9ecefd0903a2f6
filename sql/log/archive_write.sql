-- Writes the staged records of `archive_day`, all of `archive_partition`, to `archive_path`. Small row groups, so that a reader of a few records reads little.
COPY (
  SELECT getvariable('archive_partition') AS log_partition, log_offset, record_kind, make_timestamp(received_us) AS received_at, body
  FROM record
  WHERE strftime(make_timestamp(received_us), '%Y-%m-%d') = getvariable('archive_day')
  ORDER BY log_offset
) TO (getvariable('archive_path')) (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)
