-- The failure, and the drop that it may be.
UPDATE fact_message AS m SET
  failed_at = g.failed_at, refused = g.refused, error_code = g.error_code, error_title = g.error_title, dropped_at = g.dropped_at
FROM merged AS g
WHERE g.is_old AND (g.takes_failure OR g.changes_state AND g.dropped_at IS NOT NULL)
  AND m.rowid = g.row_id AND m.opened_at = g.opened_at;
