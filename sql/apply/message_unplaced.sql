-- Collects the evidence that no time-ordered send id places.
INSERT INTO batch_link
SELECT message_id, min(send_id) FROM patch WHERE message_id IS NOT NULL AND send_id IS NOT NULL GROUP BY message_id;

-- First from this batch itself, then from what is known of sends with several platform ids.
INSERT INTO placed
SELECT p.message_id, min(coalesce(l.send_id, r.send_id)), min(coalesce(l.send_id, r.send_id))
FROM patch AS p
LEFT JOIN batch_link AS l ON l.message_id = p.message_id
LEFT JOIN resent_message AS r ON r.message_id = p.message_id
WHERE p.send_id IS NULL AND (l.send_id IS NOT NULL OR r.send_id IS NOT NULL)
GROUP BY p.message_id;

INSERT INTO unplaced
SELECT DISTINCT p.message_id, coalesce(p.send_id, k.send_id), p.participant_alias
FROM patch AS p
LEFT JOIN placed AS k ON p.send_id IS NULL AND k.message_id = p.message_id
WHERE send_id_time(coalesce(p.send_id, k.send_id)) IS NULL;
