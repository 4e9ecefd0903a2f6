/*
name: funnel_15m
kind: incremental
layer: mart
key: [bucket_at, campaign_id]
touched: touched_message
changes: message
time_column: bucket_at
grain: one quarter hour x campaign x variant x template x language x category x number x account x segment x market
description: How far messages came, by the quarter hour in which they began. All counts are additive; rates are put together at query time.
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
  messages: {description: all messages, unit: messages}
  requested: {description: the sender told of the request, unit: messages}
  accepted: {description: the platform took it, unit: messages}
  held: {description: held or paused at some time, unit: messages}
  still_held: {description: held or paused and nothing further, unit: messages}
  attempted: {description: "accepted, or refused for the recipient's sake, or held and dropped; not still held", unit: messages}
  attempted_no_blocks: {description: "attempted, without those that failed with 131049, 130472 or 131050", unit: messages}
  platform_blocked: {description: "attempted, and failed with 131049, 130472 or 131050", unit: messages}
  sent: {description: sent or any proof of more, unit: messages}
  delivered: {description: any proof of delivery, unit: messages}
  read: {description: any proof of reading, unit: messages}
  played: {description: voice message played, unit: messages}
  replied: {description: a counted reply within the window, unit: messages}
  clicked: {description: a click or button tap tied to the message, unit: messages}
  converted: {description: at least one attributed order or goal, unit: messages}
  unsubscribed: {description: credited with an opt-out, unit: messages}
  failed: {description: failed without any proof of delivery, unit: messages}
  attempted_failed: {description: failed and attempted, unit: messages}
  refused: {description: failed in the reply to the send, unit: messages}
  dropped: {description: held first and then dropped by the platform, unit: messages}
  expired: {description: "attempted, and its time to live ran out without an end", unit: messages}
  orders: {description: attributed orders, unit: orders}
  accept_timed: {description: requested and gone out, unit: messages}
  accept_s: {description: from request until they went out, unit: seconds}
  hold_timed: {description: held and gone out, unit: messages}
  hold_s: {description: from their first state until they went out, unit: seconds}
  transit_timed: {description: sent and delivered, unit: messages}
  transit_s: {description: from sent to delivered, unit: seconds}
  unread_s: {description: from delivered to read of those read, unit: seconds}
  reply_s: {description: from delivered to the first counted reply of those replied to, unit: seconds}
  next_expiry_at: {description: when the next of these messages expires, unit: UTC}
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
  count(*) AS messages,
  count(*) FILTER (WHERE m.requested) AS requested,
  count(*) FILTER (WHERE m.accepted) AS accepted,
  count(*) FILTER (WHERE m.held) AS held,
  count(*) FILTER (WHERE m.still_held) AS still_held,
  count(*) FILTER (WHERE m.attempted) AS attempted,
  count(*) FILTER (WHERE m.attempted AND NOT m.platform_blocked) AS attempted_no_blocks,
  count(*) FILTER (WHERE m.platform_blocked) AS platform_blocked,
  count(*) FILTER (WHERE m.sent) AS sent,
  count(m.delivered_at) AS delivered,
  count(m.read_at) AS read,
  count(m.played_at) AS played,
  count(m.answered_at) AS replied,
  count(m.clicked_at) AS clicked,
  count(m.converted_at) AS converted,
  count(m.unsubscribed_at) AS unsubscribed,
  count(m.failed_at) AS failed,
  count(*) FILTER (WHERE m.failed_at IS NOT NULL AND m.attempted) AS attempted_failed,
  count(*) FILTER (WHERE m.refused) AS refused,
  count(*) FILTER (WHERE m.dropped) AS dropped,
  count(*) FILTER (WHERE m.open_until <= getvariable('as_of')) AS expired,
  coalesce(sum(m.orders), 0)::BIGINT AS orders,
  count(m.out_at) FILTER (WHERE m.requested AND NOT m.refused) AS accept_timed,
  coalesce(sum(date_sub('second', m.message_at, m.out_at)) FILTER (WHERE m.requested AND NOT m.refused), 0)::BIGINT AS accept_s,
  count(m.out_at) FILTER (WHERE m.held) AS hold_timed,
  coalesce(sum(date_sub('second', m.message_at, m.out_at)) FILTER (WHERE m.held), 0)::BIGINT AS hold_s,
  count(*) FILTER (WHERE m.sent_at IS NOT NULL AND m.delivered_at IS NOT NULL) AS transit_timed,
  coalesce(sum(greatest(date_sub('second', m.sent_at, m.delivered_at), 0)) FILTER (WHERE m.delivered_at IS NOT NULL AND m.sent_at IS NOT NULL), 0)::BIGINT AS transit_s,
  coalesce(sum(greatest(date_sub('second', m.delivered_at, m.read_at), 0)) FILTER (WHERE m.read_at IS NOT NULL), 0)::BIGINT AS unread_s,
  coalesce(sum(greatest(date_sub('second', m.delivered_at, m.answered_at), 0)) FILTER (WHERE m.answered_at IS NOT NULL), 0)::BIGINT AS reply_s,
  min(m.open_until) FILTER (WHERE m.open_until > getvariable('as_of')) AS next_expiry_at,
  max(m.last_event_at) AS last_event_at
FROM (
  SELECT m.*, o.converted_at, o.unsubscribed_at, o.orders,
    least(o.replied_at, CASE WHEN m.replied_at <= m.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) THEN m.replied_at END) AS answered_at
  FROM message_state AS m
  LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
  LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')) AS o
    ON o.message_key = m.message_key
  WHERE m.message_at >= getvariable('from_at') AND m.message_at < getvariable('to_at')
) AS m
LEFT JOIN country_market AS c ON c.country = m.country AND m.message_at >= c.valid_from AND m.message_at < c.valid_to
GROUP BY
  m.bucket_at, m.campaign_id, m.variant_id, m.template_name, m.template_language, m.category, m.phone_number_id, m.waba_id,
  m.segment_id, CASE WHEN m.country IS NOT NULL THEN coalesce(c.market, 'Other') END

-- audit: every message of the facts is counted once
SELECT bucket_at, campaign_id, sum(in_facts) AS in_facts, sum(in_mart) AS in_mart
FROM (
  SELECT quarter_hour(message_at) AS bucket_at, campaign_id, count(*) AS in_facts, 0 AS in_mart, 0 AS touched, 0 AS pending
  FROM fact_message
  WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')
  GROUP BY quarter_hour(message_at), campaign_id
  UNION ALL
  SELECT bucket_at, campaign_id, 0, messages, 0, 0 FROM funnel_15m
  WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 1, 0 FROM touched_message
  UNION ALL
  -- Facts that came while this was built: the next build has them.
  SELECT bucket_at, campaign_id, 0, 0, 0, 1 FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message)
)
GROUP BY bucket_at, campaign_id
HAVING sum(in_facts) <> sum(in_mart) AND sum(pending) = 0 AND (getvariable('full_build') OR sum(touched) > 0)

-- audit: no numerator passes its denominator
SELECT * FROM funnel_15m
WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  AND (delivered > attempted_no_blocks OR attempted_no_blocks + platform_blocked <> attempted OR attempted_failed + delivered > attempted
       OR expired + delivered + attempted_failed > attempted OR read > delivered OR replied > delivered OR clicked > delivered OR converted > delivered OR unsubscribed > delivered)
LIMIT 10
