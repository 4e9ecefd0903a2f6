-- Evidence without a send id belongs to the message that was found, and takes over its send id where it has one.
UPDATE patch SET
  send_id = CASE WHEN f.origin_known THEN f.base_key END,
  message_key = f.base_key
FROM (SELECT message_id, bool_or(origin_known) AS origin_known,
        coalesce(min(base_key) FILTER (origin_known), min(base_key)) AS base_key
      FROM found WHERE message_id IS NOT NULL GROUP BY message_id) AS f
WHERE patch.send_id IS NULL AND patch.message_id = f.message_id;
