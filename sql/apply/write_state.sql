-- Rows that are there are updated in place, so that the table stays in order of time; each update touches its own columns only, so
-- that a status rewrites no text.
UPDATE fact_message AS m SET
  message_at = g.message_at, accepted_at = g.accepted_at, held_at = g.held_at, paused_at = g.paused_at, sent_at = g.sent_at,
  delivered_at = g.delivered_at, read_at = g.read_at, played_at = g.played_at, replied_at = g.replied_at, clicked_at = g.clicked_at
FROM merged AS g
WHERE g.is_old AND g.changes_state
  AND m.rowid = g.row_id AND m.opened_at = g.opened_at;
