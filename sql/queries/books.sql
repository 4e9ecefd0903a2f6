-- The warehouse's own books in one row.
SELECT
  -- positions pass what is lost, too
  ((SELECT coalesce(sum(next_offset), 0) FROM ingest_position)
    - (SELECT coalesce(sum(records), 0) FROM record_count WHERE record_kind = 'lost'))::BIGINT AS records_applied,
  (SELECT coalesce(sum(next_offset - first_offset), 0) FROM ingest_gap)::BIGINT AS records_lost,
  (SELECT count(*) FROM quarantine) AS quarantined,
  (SELECT count(*) FROM unmodelled_update) AS unmodelled,
  greatest((SELECT max(occurred_at) FROM fact_status), (SELECT max(occurred_at) FROM fact_inbound),
           (SELECT max(message_at) FROM fact_message)) AS watermark;
