-- merged: each message of this lane as it will be, beside what it was. The late tail makes a lane long, so only columns that are
-- cheap to read take part; ids and aliases are compared by their mark.
INSERT INTO merged
WITH offered AS MATERIALIZED (
  SELECT * FROM fold WHERE opened_at BETWEEN (SELECT first FROM lane) AND (SELECT last FROM lane)
),
-- The join hands the range of the offered times to the scan of fact_message, which prunes it.
known AS (
  SELECT m.rowid AS row_id, m.message_key, m.opened_at, m.message_at, m.origin_known, m.campaign_id, m.identity_mark, m.requested_at,
    m.accepted_at, m.held_at, m.paused_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.replied_at, m.clicked_at,
    m.failed_at, m.error_code, m.refused, m.error_title, m.priced_at, m.pricing_model, m.pricing_type, m.pricing_category, m.billable
  FROM fact_message AS m
  SEMI JOIN offered AS f ON f.opened_at = m.opened_at AND f.message_key = m.message_key
),
beside AS (
  SELECT i.message_key, i.opened_at, i.participant_alias, i.contact_alias, i.phone_alias, i.user_alias,
    o.message_key IS NOT NULL AS is_old, o.row_id, i.last_message_id <> i.message_id AS several_ids,
    o.message_at AS old_message_at, o.campaign_id AS old_campaign_id, i.campaign_id AS offered_campaign_id,
    o.delivered_at AS old_delivered_at,
    coalesce(o.origin_known, false) OR i.origin_known AS origin_known,
    i.requested_at IS NOT NULL AS offers_request,
    least(o.requested_at, i.requested_at) AS requested_at,
    failure_text(o.failed_at, o.error_code, o.refused, o.error_title) AS old_failure,
    price_text(o.priced_at, o.pricing_model, o.pricing_type, o.pricing_category, o.billable) AS old_price,
    least(old_failure, i.failure) AS new_failure,
    least(old_price, i.price) AS new_price,
    least(o.accepted_at, i.accepted_at) AS accepted_at,
    least(o.held_at, i.held_at) AS held_at,
    least(o.paused_at, i.paused_at) AS paused_at,
    least(o.sent_at, i.sent_at) AS sent_at,
    least(o.delivered_at, i.delivered_at) AS delivered_at,
    least(o.read_at, i.read_at) AS read_at,
    least(o.played_at, i.played_at) AS played_at,
    least(o.replied_at, i.replied_at) AS replied_at,
    least(o.clicked_at, i.clicked_at) AS clicked_at,
    new_failure IS DISTINCT FROM old_failure AS takes_failure,
    new_price IS DISTINCT FROM old_price AS takes_price,
    least(o.replied_at, i.replied_at) IS DISTINCT FROM o.replied_at
      OR least(o.clicked_at, i.clicked_at) IS DISTINCT FROM o.clicked_at AS moves_touch,
    takes_failure
      OR least(o.requested_at, i.requested_at) IS DISTINCT FROM o.requested_at
      OR least(o.accepted_at, i.accepted_at) IS DISTINCT FROM o.accepted_at
      OR least(o.held_at, i.held_at) IS DISTINCT FROM o.held_at
      OR least(o.paused_at, i.paused_at) IS DISTINCT FROM o.paused_at
      OR least(o.sent_at, i.sent_at) IS DISTINCT FROM o.sent_at
      OR least(o.delivered_at, i.delivered_at) IS DISTINCT FROM o.delivered_at
      OR least(o.read_at, i.read_at) IS DISTINCT FROM o.read_at
      OR least(o.played_at, i.played_at) IS DISTINCT FROM o.played_at
      OR least(o.replied_at, i.replied_at) IS DISTINCT FROM o.replied_at
      OR least(o.clicked_at, i.clicked_at) IS DISTINCT FROM o.clicked_at AS changes_state,
    (i.origin_known AND NOT coalesce(o.origin_known, false))
      OR o.identity_mark IS DISTINCT FROM
         identity_hash(i.message_id, i.phone_alias, i.user_alias, i.country, i.phone_number_id, i.waba_id) AS offers_identity
  FROM offered AS i
  LEFT JOIN known AS o ON o.opened_at = i.opened_at AND o.message_key = i.message_key
)
SELECT *,
  -- taken apart again
  text_time(new_failure) AS failed_at,
  nullif(split_part(new_failure, '|', 2), '')::INTEGER AS error_code,
  split_part(new_failure, '|', 3) = '1' AS refused,
  nullif(array_to_string(string_split(new_failure, '|')[4:], '|'), '') AS error_title,
  text_time(new_price) AS priced_at,
  nullif(split_part(new_price, '|', 2), '') AS pricing_model,
  nullif(split_part(new_price, '|', 3), '') AS pricing_type,
  nullif(split_part(new_price, '|', 4), '') AS pricing_category,
  CASE split_part(new_price, '|', 5) WHEN '1' THEN true WHEN '0' THEN false END AS billable,
  message_time(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at) AS message_at,
  -- held or paused first, then refused as pacing does
  CASE WHEN coalesce(held_at, paused_at) IS NOT NULL AND error_code IN (132015, 135000) THEN failed_at END AS dropped_at
FROM beside;
