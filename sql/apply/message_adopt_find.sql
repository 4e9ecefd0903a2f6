-- adopted: messages known only by the platform's id, for which a link to a send has come.
CREATE OR REPLACE TEMP TABLE adopted AS
SELECT u.message_key, u.opened_at, l.send_id
FROM unlinked_message AS u
JOIN batch_link AS l ON l.message_id = u.message_id;
