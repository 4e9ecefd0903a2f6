-- New messages that wait for their send.
INSERT INTO unlinked_message
SELECT g.message_key, f.message_id, g.opened_at
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE NOT g.is_old AND NOT g.origin_known;
