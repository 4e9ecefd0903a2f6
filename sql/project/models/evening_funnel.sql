/*
name: evening_funnel
kind: view
layer: mart
time_column: bucket_at
grain: one quarter hour from 18:00 to 22:00 UTC x campaign x market
description: How far messages of the evening came.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  campaign_id: campaign
  market: the platform's market of the recipient
  delivered: {description: any proof of delivery, unit: messages}
  clicked: {description: a click or button tap tied to the message, unit: messages}
  last_event_at: {description: newest state of these messages, unit: UTC}
*/
SELECT
  bucket_at, campaign_id, market,
  sum(delivered)::BIGINT AS delivered,
  sum(clicked)::BIGINT AS clicked,
  max(last_event_at) AS last_event_at
FROM funnel_15m
WHERE hour(bucket_at) BETWEEN 18 AND 21
GROUP BY bucket_at, campaign_id, market

-- audit: nobody clicks what was not delivered
SELECT bucket_at, campaign_id, delivered, clicked FROM evening_funnel WHERE clicked > delivered
