-- Archived records with offsets from `read_from` to below `read_to`, of the files in `archive_files`.
SELECT log_offset, record_kind, epoch_us(received_at) AS received_us, body
FROM read_parquet(getvariable('archive_files'))
WHERE log_offset >= getvariable('read_from') AND log_offset < getvariable('read_to')
ORDER BY log_offset
