-- Evidence without a send id belongs to the message that was found, and takes over its send id where it has one.
INSERT INTO placed
SELECT message_id,
  min(base_key) FILTER (origin_known),
  coalesce(min(base_key) FILTER (origin_known), min(base_key))
FROM found
WHERE message_id IS NOT NULL AND message_id NOT IN (SELECT message_id FROM placed)
GROUP BY message_id;
