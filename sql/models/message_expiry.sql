/*
name: message_expiry
kind: incremental
layer: staging
key: [bucket_at, campaign_id]
touched: expiring_bucket
grain: nothing is kept
description: >
  A message that nobody hears of any more expires without a word of the platform. When the time of one has come, its quarter hour is
  counted again by the next build: this asks for it, and keeps no rows.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  campaign_id: campaign
  expired_at: {description: when the first of them expired, unit: UTC}
*/

-- temp: expiring_bucket
SELECT bucket_at, campaign_id, min(next_expiry_at) AS expired_at
FROM funnel_15m
WHERE next_expiry_at <= getvariable('as_of') AND bucket_at NOT IN (SELECT bucket_at FROM changed_message)
GROUP BY bucket_at, campaign_id

-- query
SELECT bucket_at, campaign_id, expired_at FROM expiring_bucket WHERE false

-- emit: changed_message
SELECT bucket_at, campaign_id FROM expiring_bucket
