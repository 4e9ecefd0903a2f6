/*
name: failure_15m
kind: incremental
layer: mart
key: [bucket_at, campaign_id]
touched: touched_message
changes: message
time_column: bucket_at
grain: one quarter hour x campaign x variant x template x language x category x number x account x segment x market x error code
description: Failed messages by the code that the platform gave, by the quarter hour in which the message began.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  campaign_id: campaign
  variant_id: arm or variant
  template_name: template
  template_language: language of the template
  category: marketing, utility, authentication or service
  phone_number_id: sending number
  waba_id: WhatsApp business account
  segment_id: segment at send time
  market: the platform's market of the recipient
  error_code: the platform's code
  error_class: whose matter it is; "unknown" when the code is not listed
  failed: {description: failed without any proof of delivery, unit: messages}
  refused: {description: "of those, failed in the reply to the send", unit: messages}
  last_event_at: {description: newest state of these messages, unit: UTC}
*/
SELECT
  m.bucket_at,
  m.campaign_id,
  m.variant_id,
  m.template_name,
  m.template_language,
  m.category,
  m.phone_number_id,
  m.waba_id,
  m.segment_id,
  CASE WHEN m.country IS NOT NULL THEN coalesce(c.market, 'Other') END AS market,
  m.error_code,
  m.error_class,
  count(*) AS failed,
  count(*) FILTER (WHERE m.refused) AS refused,
  max(m.last_event_at) AS last_event_at
FROM message_state AS m
LEFT JOIN country_market AS c ON c.country = m.country AND m.message_at >= c.valid_from AND m.message_at < c.valid_to
WHERE m.message_at >= getvariable('from_at') AND m.message_at < getvariable('to_at') AND m.failed_at IS NOT NULL
GROUP BY
  m.bucket_at, m.campaign_id, m.variant_id, m.template_name, m.template_language, m.category, m.phone_number_id, m.waba_id,
  m.segment_id, CASE WHEN m.country IS NOT NULL THEN coalesce(c.market, 'Other') END, m.error_code, m.error_class

-- audit: every failure of the facts is counted once
SELECT bucket_at, campaign_id, sum(in_facts) AS in_facts, sum(in_mart) AS in_mart
FROM (
  SELECT quarter_hour(message_at) AS bucket_at, campaign_id, count(*) AS in_facts, 0 AS in_mart, 0 AS touched, 0 AS pending
  FROM fact_message
  WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at') AND failed_at IS NOT NULL
    AND coalesce(delivered_at, read_at, played_at, replied_at, clicked_at) IS NULL
  GROUP BY quarter_hour(message_at), campaign_id
  UNION ALL
  SELECT bucket_at, campaign_id, 0, failed, 0, 0 FROM failure_15m
  WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 1, 0 FROM touched_message
  UNION ALL
  -- Facts that came while this was built: the next build has them.
  SELECT bucket_at, campaign_id, 0, 0, 0, 1 FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message)
)
GROUP BY bucket_at, campaign_id
HAVING sum(in_facts) <> sum(in_mart) AND sum(pending) = 0 AND (getvariable('full_build') OR sum(touched) > 0)
