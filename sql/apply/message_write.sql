-- Writes what message_merge.sql worked out for this lane. Rows that are there are updated in place, so that the table stays in order
-- of time; each update touches its own columns only, so that a status rewrites no text. A row that does not change is not written.

-- Further platform ids of one send, looked at before the smallest of them becomes the row's.
INSERT INTO resent_message
SELECT message_id, send_id FROM (
  SELECT unnest([f.message_id, f.last_message_id, m.message_id]) AS message_id, g.message_key AS send_id
  FROM merged AS g
  JOIN fold AS f ON f.message_key = g.message_key
  JOIN fact_message AS m ON m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
  WHERE g.is_old AND g.offers_identity AND g.origin_known AND g.participant_alias IS NULL
    AND (f.last_message_id <> f.message_id OR m.message_id <> f.message_id)
  UNION
  SELECT unnest([f.message_id, f.last_message_id]), g.message_key
  FROM merged AS g
  JOIN fold AS f ON f.message_key = g.message_key
  WHERE NOT g.is_old AND g.origin_known AND g.participant_alias IS NULL AND f.last_message_id <> f.message_id
) WHERE message_id IS NOT NULL
EXCEPT SELECT message_id, send_id FROM resent_message;

UPDATE fact_message AS m SET
  message_at = g.message_at, accepted_at = g.accepted_at, held_at = g.held_at, paused_at = g.paused_at, sent_at = g.sent_at,
  delivered_at = g.delivered_at, read_at = g.read_at, played_at = g.played_at, replied_at = g.replied_at, clicked_at = g.clicked_at
FROM merged AS g
WHERE g.is_old AND g.changes_state
  AND m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  failed_at = g.failed_at, refused = g.refused, error_code = g.error_code, error_title = g.error_title, dropped_at = g.dropped_at
FROM merged AS g
WHERE g.is_old AND (g.takes_failure OR g.changes_state AND g.dropped_at IS NOT NULL)
  AND m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  priced_at = g.priced_at, pricing_model = g.pricing_model, pricing_type = g.pricing_type,
  pricing_category = g.pricing_category, billable = g.billable
FROM merged AS g
WHERE g.is_old AND g.takes_price
  AND m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

UPDATE fact_message AS m SET
  origin_known = g.origin_known, message_id = least(m.message_id, f.message_id), phone_alias = least(m.phone_alias, f.phone_alias),
  user_alias = least(m.user_alias, f.user_alias), country = least(m.country, f.country),
  phone_number_id = least(m.phone_number_id, f.phone_number_id), waba_id = least(m.waba_id, f.waba_id),
  identity_mark = identity_hash(least(m.message_id, f.message_id), least(m.phone_alias, f.phone_alias),
    least(m.user_alias, f.user_alias), least(m.country, f.country), least(m.phone_number_id, f.phone_number_id),
    least(m.waba_id, f.waba_id))
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE g.is_old AND g.offers_identity
  AND m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

-- The request is one statement: the earliest wins whole.
UPDATE fact_message AS m SET
  contact_alias = f.contact_alias, campaign_id = f.campaign_id, variant_id = f.variant_id, template_name = f.template_name,
  template_language = f.template_language, category = f.category, segment_id = f.segment_id, permit_id = f.permit_id,
  message_type = f.message_type, expires_at = f.expires_at, requested_at = f.requested_at, request_event_id = f.request_event_id
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE g.is_old AND g.offers_request
  AND (m.requested_at IS NULL OR (f.requested_at, f.request_event_id) < (m.requested_at, m.request_event_id))
  AND m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to');

INSERT INTO fact_message (
  message_key, origin_known, opened_at, message_at, message_id, participant_alias, contact_alias, phone_alias, user_alias, country,
  campaign_id, variant_id, template_name, template_language, category, segment_id, permit_id, message_type, expires_at,
  phone_number_id, waba_id, requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at,
  replied_at, clicked_at, failed_at, refused, error_code, error_title, dropped_at, priced_at, pricing_model, pricing_type,
  pricing_category, billable, request_event_id, identity_mark
)
SELECT
  g.message_key, g.origin_known, g.opened_at, g.message_at, f.message_id, f.participant_alias, f.contact_alias, f.phone_alias,
  f.user_alias, f.country, f.campaign_id, f.variant_id, f.template_name, f.template_language, f.category, f.segment_id, f.permit_id,
  f.message_type, f.expires_at, f.phone_number_id, f.waba_id,
  g.requested_at, g.accepted_at, g.held_at, g.paused_at, g.sent_at, g.delivered_at, g.read_at, g.played_at, g.replied_at,
  g.clicked_at, g.failed_at, g.refused, g.error_code, g.error_title, g.dropped_at, g.priced_at, g.pricing_model, g.pricing_type,
  g.pricing_category, g.billable, f.request_event_id,
  identity_hash(f.message_id, f.phone_alias, f.user_alias, f.country, f.phone_number_id, f.waba_id)
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE NOT g.is_old
ORDER BY g.opened_at;

INSERT INTO unlinked_message
SELECT g.message_key, f.message_id, g.opened_at
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE NOT g.is_old AND NOT g.origin_known;

INSERT INTO changed_message (bucket_at, campaign_id)
SELECT bucket_at, campaign_id FROM (
  SELECT quarter_hour(old_message_at) AS bucket_at, old_campaign_id AS campaign_id FROM merged
  WHERE is_old AND (changes_state OR offers_identity OR offers_request)
  UNION
  SELECT quarter_hour(message_at), old_campaign_id FROM merged
  WHERE is_old AND (changes_state OR offers_identity OR offers_request)
  UNION
  SELECT quarter_hour(g.message_at), f.campaign_id FROM merged AS g JOIN fold AS f ON f.message_key = g.message_key
  WHERE NOT g.is_old OR g.offers_request
);

-- People whose messages were newly proven delivered, moved in time or newly tied to them: their credits may change from that message
-- on. The row knows more names of a person than the evidence.
INSERT INTO changed_contact (alias_id, changed_at)
SELECT alias_id, min(changed_at) FROM (
  SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id, message_at AS changed_at
  FROM merged
  WHERE NOT is_old AND delivered_at IS NOT NULL
  UNION ALL
  SELECT unnest([m.contact_alias, m.phone_alias, m.user_alias]), least(g.message_at, g.old_message_at)
  FROM merged AS g
  JOIN fact_message AS m ON m.rowid = g.row_id AND m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
  WHERE g.is_old AND g.delivered_at IS NOT NULL
    AND (g.offers_identity OR g.offers_request OR g.delivered_at IS DISTINCT FROM g.old_delivered_at
         OR g.message_at IS DISTINCT FROM g.old_message_at)
) WHERE alias_id IS NOT NULL
GROUP BY alias_id;
