/*
name: customer_state
kind: table
layer: mart
refresh: 5m
grain: stage x bands x consent
time_column: bucket_at
description: >
  How many people there are in which stage and bands (see customer), as of the newest build: bucket_at is its quarter hour, so a question about
  time before it finds nobody. What changed when is in stage_change_15m.
columns:
  bucket_at: {description: quarter hour of the build, unit: UTC}
  stage: lead, new, active, repeat, dormant or none
  value_band: high, middle, low or none
  frequency_month: 0, 1, 2-3 or 4+
  frequency_quarter: 0, 1, 2-3 or 4+
  interaction: 7d, 30d, 90d, older or never
  consent: granted, withdrawn or none
  people: {description: people, unit: people}
  customers: {description: who ordered, unit: people}
  repeat_customers: {description: who ordered twice or more, unit: people}
  consented: {description: whose consent to marketing is granted, unit: people}
  withdrawn: {description: whose consent to marketing is withdrawn, unit: people}
  orders: {description: of these people, unit: orders}
  last_event_at: {description: newest interaction, unit: UTC}
*/
SELECT
  quarter_hour(getvariable('as_of')) AS bucket_at,
  stage, value_band, frequency_month, frequency_quarter, interaction, consent,
  count(*) AS people,
  count(*) FILTER (WHERE orders > 0) AS customers,
  count(*) FILTER (WHERE orders > 1) AS repeat_customers,
  count(*) FILTER (WHERE consent = 'granted') AS consented,
  count(*) FILTER (WHERE consent = 'withdrawn') AS withdrawn,
  sum(orders)::BIGINT AS orders,
  max(interaction_at) AS last_event_at
FROM customer
GROUP BY stage, value_band, frequency_month, frequency_quarter, interaction, consent

-- audit: everybody is counted once
SELECT c.n AS people, s.n AS counted
FROM (SELECT count(*) AS n FROM customer) AS c, (SELECT coalesce(sum(people), 0) AS n FROM customer_state) AS s
WHERE c.n <> s.n
