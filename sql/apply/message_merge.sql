-- Merges the lane's messages. `merged` holds each row as it will be, beside what it was; then rows that are there are updated in
-- place (so that the table stays in order of time) and the others inserted. A row that would not change is not written.
CREATE OR REPLACE TEMP TABLE merged AS
WITH old AS (
  SELECT m.* FROM fact_message AS m
  SEMI JOIN incoming AS i ON i.opened_at = m.opened_at AND i.message_key = m.message_key
  WHERE m.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
),
beside AS (
  SELECT i.message_key, i.opened_at, o.message_key IS NOT NULL AS is_old, o.message_at AS old_message_at,
    o.campaign_id AS old_campaign_id, o.message_id AS old_message_id, o.delivered_at AS old_delivered_at,
    coalesce(o.origin_known, false) OR i.origin_known AS origin_known,
    coalesce(o.participant_alias, i.participant_alias) AS participant_alias,
    -- The request is one statement: the earliest wins whole.
    i.requested_at IS NOT NULL
      AND (o.requested_at IS NULL OR (i.requested_at, i.request_event_id) < (o.requested_at, o.request_event_id)) AS takes_request,
    i.failure IS NOT NULL
      AND (o.failed_at IS NULL
           OR i.failure < struct_pack(at := o.failed_at, code := coalesce(o.error_code, 2147483647), refused := o.refused,
                                      title := coalesce(o.error_title, ''))) AS takes_failure,
    i.price IS NOT NULL
      AND (o.priced_at IS NULL
           OR i.price < struct_pack(at := o.priced_at, model := coalesce(o.pricing_model, ''), kind := coalesce(o.pricing_type, ''),
                                    category := coalesce(o.pricing_category, ''), billable := coalesce(o.billable::TINYINT, 2)))
      AS takes_price,
    i.failure, i.price,
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
    CASE WHEN takes_request THEN i.contact_alias ELSE o.contact_alias END AS contact_alias,
    CASE WHEN takes_request THEN i.campaign_id ELSE o.campaign_id END AS campaign_id,
    CASE WHEN takes_request THEN i.variant_id ELSE o.variant_id END AS variant_id,
    CASE WHEN takes_request THEN i.template_name ELSE o.template_name END AS template_name,
    CASE WHEN takes_request THEN i.template_language ELSE o.template_language END AS template_language,
    CASE WHEN takes_request THEN i.category ELSE o.category END AS category,
    CASE WHEN takes_request THEN i.segment_id ELSE o.segment_id END AS segment_id,
    CASE WHEN takes_request THEN i.message_type ELSE o.message_type END AS message_type,
    CASE WHEN takes_request THEN i.expires_at ELSE o.expires_at END AS expires_at,
    CASE WHEN takes_request THEN i.requested_at ELSE o.requested_at END AS requested_at,
    CASE WHEN takes_request THEN i.request_event_id ELSE o.request_event_id END AS request_event_id,
    CASE WHEN takes_failure THEN i.failure.at ELSE o.failed_at END AS failed_at,
    CASE WHEN takes_failure THEN i.failure.refused ELSE o.refused END AS refused,
    CASE WHEN takes_failure THEN nullif(i.failure.code, 2147483647) ELSE o.error_code END AS error_code,
    CASE WHEN takes_failure THEN nullif(i.failure.title, '') ELSE o.error_title END AS error_title,
    CASE WHEN takes_price THEN i.price.at ELSE o.priced_at END AS priced_at,
    CASE WHEN takes_price THEN nullif(i.price.model, '') ELSE o.pricing_model END AS pricing_model,
    CASE WHEN takes_price THEN nullif(i.price.kind, '') ELSE o.pricing_type END AS pricing_type,
    CASE WHEN takes_price THEN nullif(i.price.category, '') ELSE o.pricing_category END AS pricing_category,
    CASE WHEN takes_price THEN CASE WHEN i.price.billable < 2 THEN i.price.billable::BOOLEAN END ELSE o.billable END AS billable,
    takes_request
      OR takes_failure
      OR takes_price
      OR o.message_key IS NULL
      OR least(o.accepted_at, i.accepted_at) IS DISTINCT FROM o.accepted_at
      OR least(o.held_at, i.held_at) IS DISTINCT FROM o.held_at
      OR least(o.paused_at, i.paused_at) IS DISTINCT FROM o.paused_at
      OR least(o.sent_at, i.sent_at) IS DISTINCT FROM o.sent_at
      OR least(o.delivered_at, i.delivered_at) IS DISTINCT FROM o.delivered_at
      OR least(o.read_at, i.read_at) IS DISTINCT FROM o.read_at
      OR least(o.played_at, i.played_at) IS DISTINCT FROM o.played_at
      OR least(o.replied_at, i.replied_at) IS DISTINCT FROM o.replied_at
      OR least(o.clicked_at, i.clicked_at) IS DISTINCT FROM o.clicked_at AS changes_state,
    o.message_key IS NOT NULL AND (NOT o.origin_known AND i.origin_known OR least(o.message_id, i.message_id) IS DISTINCT FROM o.message_id
      OR least(o.phone_alias, i.phone_alias) IS DISTINCT FROM o.phone_alias
      OR least(o.user_alias, i.user_alias) IS DISTINCT FROM o.user_alias
      OR least(o.country, i.country) IS DISTINCT FROM o.country
      OR least(o.phone_number_id, i.phone_number_id) IS DISTINCT FROM o.phone_number_id
      OR least(o.waba_id, i.waba_id) IS DISTINCT FROM o.waba_id) AS changes_identity
  FROM incoming AS i
  LEFT JOIN old AS o ON o.message_key = i.message_key
  WHERE i.opened_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
)
SELECT b.*,
  message_time(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at) AS message_at,
  CASE WHEN coalesce(held_at, paused_at) IS NOT NULL AND error_code IN (132015, 135000) THEN failed_at END AS dropped_at
FROM beside AS b;
