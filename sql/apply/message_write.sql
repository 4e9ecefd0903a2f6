-- Writes what message_merge.sql worked out for this lane. Four updates, so that a status rewrites no text column.
UPDATE fact_message AS m SET
  message_at = g.message_at, accepted_at = g.accepted_at, held_at = g.held_at, paused_at = g.paused_at, sent_at = g.sent_at,
  delivered_at = g.delivered_at, read_at = g.read_at, played_at = g.played_at, replied_at = g.replied_at, clicked_at = g.clicked_at
FROM merged AS g
WHERE g.is_old AND g.changes_state AND g.message_key = m.message_key AND g.opened_at = m.opened_at
  AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  failed_at = g.failed_at, refused = g.refused, error_code = g.error_code, error_title = g.error_title, dropped_at = g.dropped_at,
  priced_at = g.priced_at, pricing_model = g.pricing_model, pricing_type = g.pricing_type,
  pricing_category = g.pricing_category, billable = g.billable
FROM merged AS g
WHERE g.is_old AND (g.takes_failure OR g.takes_price OR g.dropped_at IS NOT NULL)
  AND g.message_key = m.message_key AND g.opened_at = m.opened_at
  AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  origin_known = g.origin_known, message_id = g.message_id, phone_alias = g.phone_alias, user_alias = g.user_alias,
  country = g.country, phone_number_id = g.phone_number_id, waba_id = g.waba_id
FROM merged AS g
WHERE g.is_old AND g.changes_identity AND g.message_key = m.message_key AND g.opened_at = m.opened_at
  AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  contact_alias = g.contact_alias, campaign_id = g.campaign_id, variant_id = g.variant_id, template_name = g.template_name,
  template_language = g.template_language, category = g.category, segment_id = g.segment_id, message_type = g.message_type,
  expires_at = g.expires_at, requested_at = g.requested_at, request_event_id = g.request_event_id
FROM merged AS g
WHERE g.is_old AND g.takes_request AND g.message_key = m.message_key AND g.opened_at = m.opened_at
  AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

INSERT INTO fact_message
  (message_key, origin_known, opened_at, message_at, message_id, participant_alias, contact_alias, phone_alias, user_alias, country,
  campaign_id, variant_id, template_name, template_language, category, segment_id, message_type, expires_at, phone_number_id, waba_id,
  requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, replied_at, clicked_at,
  failed_at, refused, error_code, error_title, dropped_at, priced_at, pricing_model, pricing_type, pricing_category, billable,
  request_event_id)
SELECT
  message_key, origin_known, opened_at, message_at, message_id, participant_alias, contact_alias, phone_alias, user_alias, country,
  campaign_id, variant_id, template_name, template_language, category, segment_id, message_type, expires_at, phone_number_id, waba_id,
  requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, replied_at, clicked_at,
  failed_at, refused, error_code, error_title, dropped_at, priced_at, pricing_model, pricing_type, pricing_category, billable,
  request_event_id
FROM merged WHERE NOT is_old
ORDER BY opened_at;

INSERT INTO unlinked_message
SELECT message_key, message_id, opened_at FROM merged WHERE NOT is_old AND NOT origin_known;

-- Another platform id for a send that has one.
INSERT INTO resent_message
SELECT message_id, send_id FROM (
  SELECT unnest([message_id, last_message_id, old_message_id]) AS message_id, message_key AS send_id
  FROM merged
  WHERE origin_known AND participant_alias IS NULL AND (last_message_id <> message_id OR old_message_id <> message_id)
) WHERE message_id IS NOT NULL
EXCEPT SELECT message_id, send_id FROM resent_message;

INSERT INTO changed_message (bucket_at, campaign_id)
SELECT bucket_at, campaign_id FROM (
  SELECT quarter_hour(old_message_at) AS bucket_at, old_campaign_id AS campaign_id FROM merged
  WHERE is_old AND (changes_state OR changes_identity)
  UNION
  SELECT quarter_hour(message_at), CASE WHEN takes_request THEN campaign_id ELSE old_campaign_id END FROM merged
  WHERE changes_state OR changes_identity
);

-- People whose messages were newly proven delivered, or newly tied to them.
INSERT INTO changed_contact (alias_id)
SELECT DISTINCT alias_id FROM (
  SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id FROM merged
  WHERE changes_identity OR takes_request OR delivered_at IS DISTINCT FROM old_delivered_at
) WHERE alias_id IS NOT NULL;
