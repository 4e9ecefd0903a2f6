-- For evidence that cannot be placed by a time-ordered send id: the rows within this lane that it speaks of.
INSERT INTO found
SELECT m.message_key, m.message_id, m.participant_alias, m.origin_known, m.opened_at,
  CASE WHEN m.participant_alias IS NULL THEN m.message_key
       ELSE left(m.message_key, length(m.message_key) - length(m.participant_alias) - 1) END
FROM fact_message AS m
SEMI JOIN unplaced AS u ON u.message_id = m.message_id
WHERE m.opened_at BETWEEN $lane_from AND $lane_to
UNION ALL
SELECT m.message_key, m.message_id, m.participant_alias, m.origin_known, m.opened_at, m.message_key
FROM fact_message AS m
SEMI JOIN unplaced AS u ON u.send_id = m.message_key
WHERE m.opened_at BETWEEN $lane_from AND $lane_to;

-- A message to a group has several rows, and one known by the platform's id alone may wait beside its send: only the very row that
-- the evidence belongs to ends the search.
DELETE FROM unplaced AS u USING found AS f
WHERE f.participant_alias IS NOT DISTINCT FROM u.participant_alias
  AND CASE WHEN u.send_id IS NULL THEN f.message_id = u.message_id ELSE f.base_key = u.send_id END;
