-- merged: each message of this lane as it will be, beside what it was. Only the columns that decide are read from the table.
CREATE OR REPLACE TEMP TABLE merged AS
WITH old AS (
  SELECT m.message_key, m.opened_at, m.message_at, m.origin_known, m.campaign_id,
    m.message_id, m.phone_alias, m.user_alias, m.country, m.phone_number_id, m.waba_id,
    m.accepted_at, m.held_at, m.paused_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.replied_at, m.clicked_at,
    m.failed_at, m.error_code, m.refused, m.error_title, m.priced_at, m.pricing_model, m.pricing_type, m.pricing_category, m.billable,
    m.requested_at, m.request_event_id
  FROM fact_message AS m
  SEMI JOIN fold AS i ON i.opened_at = m.opened_at AND i.message_key = m.message_key
  WHERE m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
),
beside AS (
  SELECT i.message_key, i.opened_at, i.participant_alias, o.message_key IS NOT NULL AS is_old,
    o.message_at AS old_message_at, o.campaign_id AS old_campaign_id, o.message_id AS old_message_id,
    o.delivered_at AS old_delivered_at, i.last_message_id,
    coalesce(o.origin_known, false) OR i.origin_known AS origin_known,
    failure_text(o.failed_at, o.error_code, o.refused, o.error_title) AS old_failure,
    price_text(o.priced_at, o.pricing_model, o.pricing_type, o.pricing_category, o.billable) AS old_price,
    least(old_failure, i.failure) AS failure,
    least(old_price, i.price) AS price,
    least(o.message_id, i.message_id) AS message_id,
    least(o.phone_alias, i.phone_alias) AS phone_alias,
    least(o.user_alias, i.user_alias) AS user_alias,
    least(o.country, i.country) AS country,
    least(o.phone_number_id, i.phone_number_id) AS phone_number_id,
    least(o.waba_id, i.waba_id) AS waba_id,
    least(o.accepted_at, i.accepted_at) AS accepted_at,
    least(o.held_at, i.held_at) AS held_at,
    least(o.paused_at, i.paused_at) AS paused_at,
    least(o.sent_at, i.sent_at) AS sent_at,
    least(o.delivered_at, i.delivered_at) AS delivered_at,
    least(o.read_at, i.read_at) AS read_at,
    least(o.played_at, i.played_at) AS played_at,
    least(o.replied_at, i.replied_at) AS replied_at,
    least(o.clicked_at, i.clicked_at) AS clicked_at,
    -- The request is one statement: the earliest wins whole.
    i.requested_at IS NOT NULL
      AND (o.requested_at IS NULL OR (i.requested_at, i.request_event_id) < (o.requested_at, o.request_event_id)) AS takes_request,
    CASE WHEN takes_request THEN i.requested_at ELSE o.requested_at END AS requested_at,
    i.contact_alias, i.campaign_id, i.variant_id, i.template_name, i.template_language, i.category, i.segment_id, i.message_type,
    i.expires_at, i.request_event_id,
    failure IS DISTINCT FROM old_failure AS takes_failure,
    price IS DISTINCT FROM old_price AS takes_price,
    takes_request OR takes_failure
      OR least(o.accepted_at, i.accepted_at) IS DISTINCT FROM o.accepted_at
      OR least(o.held_at, i.held_at) IS DISTINCT FROM o.held_at
      OR least(o.paused_at, i.paused_at) IS DISTINCT FROM o.paused_at
      OR least(o.sent_at, i.sent_at) IS DISTINCT FROM o.sent_at
      OR least(o.delivered_at, i.delivered_at) IS DISTINCT FROM o.delivered_at
      OR least(o.read_at, i.read_at) IS DISTINCT FROM o.read_at
      OR least(o.played_at, i.played_at) IS DISTINCT FROM o.played_at
      OR least(o.replied_at, i.replied_at) IS DISTINCT FROM o.replied_at
      OR least(o.clicked_at, i.clicked_at) IS DISTINCT FROM o.clicked_at AS changes_state,
    i.origin_known AND NOT coalesce(o.origin_known, false)
      OR least(o.message_id, i.message_id) IS DISTINCT FROM o.message_id
      OR least(o.phone_alias, i.phone_alias) IS DISTINCT FROM o.phone_alias
      OR least(o.user_alias, i.user_alias) IS DISTINCT FROM o.user_alias
      OR least(o.country, i.country) IS DISTINCT FROM o.country
      OR least(o.phone_number_id, i.phone_number_id) IS DISTINCT FROM o.phone_number_id
      OR least(o.waba_id, i.waba_id) IS DISTINCT FROM o.waba_id AS changes_identity
  FROM fold AS i
  LEFT JOIN old AS o ON o.opened_at = i.opened_at AND o.message_key = i.message_key
  WHERE i.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
)
SELECT *,
  -- taken apart again
  text_time(failure) AS failed_at,
  nullif(split_part(failure, '|', 2), '')::INTEGER AS error_code,
  split_part(failure, '|', 3) = '1' AS refused,
  nullif(array_to_string(string_split(failure, '|')[4:], '|'), '') AS error_title,
  text_time(price) AS priced_at,
  nullif(split_part(price, '|', 2), '') AS pricing_model,
  nullif(split_part(price, '|', 3), '') AS pricing_type,
  nullif(split_part(price, '|', 4), '') AS pricing_category,
  CASE split_part(price, '|', 5) WHEN '1' THEN true WHEN '0' THEN false END AS billable,
  message_time(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at) AS message_at,
  -- held or paused first, then refused as pacing does
  CASE WHEN coalesce(held_at, paused_at) IS NOT NULL AND error_code IN (132015, 135000) THEN failed_at END AS dropped_at
FROM beside;
