-- fold: the batch's evidence, one row a message, as the row that the batch alone would make. Times: the earliest. Failure and price:
-- the earliest statement as a whole, ties by its own values, so that no order of arrival shows.
INSERT INTO fold
WITH keyed AS (
  SELECT coalesce(p.send_id, k.base_key, p.message_id) || CASE WHEN p.participant_alias IS NULL THEN '' ELSE '/' || p.participant_alias END
           AS message_key,
    coalesce(p.send_id, k.send_id) AS own_send_id, p.*
  FROM patch AS p
  LEFT JOIN placed AS k ON p.send_id IS NULL AND k.message_id = p.message_id
),
folded AS (
  SELECT message_key,
    any_value(own_send_id) AS own_send_id, -- all of one key have the same
    min(message_id) AS message_id, max(message_id) AS last_message_id, any_value(participant_alias) AS participant_alias,
    min(phone_alias) AS phone_alias, min(user_alias) AS user_alias, min(country) AS country,
    min(phone_number_id) AS phone_number_id, min(waba_id) AS waba_id,
    min(accepted_at) AS accepted_at, min(held_at) AS held_at, min(paused_at) AS paused_at, min(sent_at) AS sent_at,
    min(delivered_at) AS delivered_at, min(read_at) AS read_at, min(played_at) AS played_at,
    min(replied_at) AS replied_at, min(clicked_at) AS clicked_at, min(failure) AS failure, min(price) AS price,
    min(seen_at) AS seen_at
  FROM keyed
  GROUP BY message_key
),
request AS (
  SELECT DISTINCT ON (send_id) *
  FROM stage_send
  WHERE step = 'requested'
  ORDER BY send_id, occurred_at, event_id
),
row_found AS (
  SELECT message_key, min(opened_at) AS opened_at FROM found GROUP BY message_key
)
SELECT f.*, f.own_send_id IS NOT NULL AS origin_known,
  coalesce(send_id_time(f.own_send_id), w.opened_at, f.seen_at) AS opened_at,
  r.contact_alias, r.campaign_id, r.variant_id, r.template_name, r.template_language, r.category, r.segment_id, r.permit_id,
  r.message_type, r.expires_at, r.occurred_at AS requested_at, r.event_id AS request_event_id
FROM folded AS f
LEFT JOIN request AS r ON r.send_id = f.message_key
LEFT JOIN row_found AS w ON w.message_key = f.message_key;
