-- Further platform ids of one send, looked at before the smallest of them becomes the row's.
INSERT INTO resent_message
SELECT message_id, send_id FROM (
  SELECT unnest([f.message_id, f.last_message_id, m.message_id]) AS message_id, g.message_key AS send_id
  FROM merged AS g
  JOIN fold AS f ON f.message_key = g.message_key
  JOIN fact_message AS m ON m.rowid = g.row_id AND m.opened_at = g.opened_at
  WHERE g.is_old AND g.offers_identity AND g.origin_known AND g.participant_alias IS NULL
    AND (f.last_message_id <> f.message_id OR m.message_id <> f.message_id)
  UNION
  SELECT unnest([f.message_id, f.last_message_id]), g.message_key
  FROM merged AS g
  JOIN fold AS f ON f.message_key = g.message_key
  WHERE NOT g.is_old AND g.origin_known AND g.participant_alias IS NULL AND f.last_message_id <> f.message_id
) WHERE message_id IS NOT NULL
EXCEPT SELECT message_id, send_id FROM resent_message;
