-- A group's member has told which send a platform id belongs to: what is still looked for under that id alone is the send's own row.
UPDATE unplaced AS u SET send_id = f.send_id
FROM (SELECT message_id, min(base_key) AS send_id FROM found WHERE origin_known GROUP BY message_id) AS f
WHERE u.send_id IS NULL AND u.message_id = f.message_id;
