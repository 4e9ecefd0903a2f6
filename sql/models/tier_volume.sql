/*
name: tier_volume
kind: incremental
layer: staging
key: [bucket_at, campaign_id]
touched: touched_message
changes: message
time_column: bucket_at
grain: one quarter hour x campaign x account of volume x category x month x quarter hour of the charge
description: >
  How many messages count towards volume tiers and free allowances, by when they were charged. Only messages whose price depends on volume; free ones do not
  count, but those of the allowance itself do.
columns:
  bucket_at: {description: start of the quarter hour in which the messages began, unit: UTC}
  campaign_id: campaign
  counts_for: whose volume they count for
  price_category: as on the rate card
  month: {description: first day of the month by the clock of the account, unit: UTC}
  charged_bucket: {description: start of the quarter hour in which they were charged, unit: UTC}
  messages: {description: charged messages, unit: messages}
  mark: changes whenever the messages or their times do
*/

-- variable: tiered_categories
-- As a constant list it keeps all other messages out of the joins.
SELECT list(DISTINCT name) FROM (
  SELECT category AS name FROM country_rate WHERE to_messages IS NOT NULL
  UNION ALL
  SELECT p.pricing_category FROM price_category AS p SEMI JOIN (FROM country_rate WHERE to_messages IS NOT NULL) AS r USING (category)
)

-- query
SELECT
  quarter_hour(c.message_at) AS bucket_at,
  c.campaign_id,
  c.counts_for,
  c.price_category,
  c.month,
  quarter_hour(c.charged_at) AS charged_bucket,
  count(*) AS messages,
  bit_xor(hash(c.message_key, c.charged_at)) AS mark
FROM (FROM message_charge WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at') AND counts_for IS NOT NULL
        AND list_contains(getvariable('tiered_categories'), stated_category)) AS c
GROUP BY quarter_hour(c.message_at), c.campaign_id, c.counts_for, c.price_category, c.month, quarter_hour(c.charged_at)
