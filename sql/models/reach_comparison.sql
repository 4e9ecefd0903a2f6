/*
name: reach_comparison
kind: table
layer: mart
refresh: 1h
grain: reached or not x currency
time_column: bucket_at
description: >
  Customers whose first order is older than 90 days, by whether a marketing or utility message was delivered to them in the 60 days before the
  last 30, and what they ordered in those last 30 days. NO EXPERIMENT: who is written to is chosen, and the chosen differ from the others before the first
  message. The difference is not the effect of writing; a hold-out tells that. bucket_at is the quarter hour of the build.
columns:
  bucket_at: {description: quarter hour of the build, unit: UTC}
  reached: yes or no
  currency: of the customer's most orders, ISO 4217
  customers: {description: with a first order older than 90 days, unit: people}
  buyers: {description: who ordered in the last 30 days, unit: people}
  orders: {description: in the last 30 days, unit: orders}
  kept_micros: {description: spent in the last 30 days in that currency after refunds, unit: micro-units of the currency}
  last_event_at: {description: newest order, unit: UTC}
*/

-- temp: reached_person
SELECT DISTINCT coalesce(p.contact, m.alias_id) AS customer
FROM (
  SELECT DISTINCT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, date_trunc('day', message_at) AS day_at
  FROM fact_message
  WHERE message_at >= getvariable('as_of') - to_days(91) AND delivered_at >= getvariable('as_of') - to_days(90)
    AND delivered_at < getvariable('as_of') - to_days(30)
    AND coalesce(category IN ('marketing', 'utility'), regexp_matches(pricing_category, '^(marketing|utility)'), false)
) AS m
LEFT JOIN contact_period AS p ON p.alias_id = m.alias_id AND m.day_at >= p.valid_from AND m.day_at < p.valid_to
WHERE m.alias_id IS NOT NULL

-- temp: bought
SELECT customer, min(ordered_at) AS first_at, mode(currency) AS currency, max(ordered_at) AS last_at,
  count(*) FILTER (WHERE ordered_at > getvariable('as_of') - to_days(30)) AS orders
FROM customer_order
WHERE is_purchase AND ordered_at <= getvariable('as_of')
GROUP BY customer

-- query
SELECT
  quarter_hour(getvariable('as_of')) AS bucket_at,
  CASE WHEN r.customer IS NULL THEN 'no' ELSE 'yes' END AS reached,
  b.currency,
  count(*) AS customers,
  count(*) FILTER (WHERE b.orders > 0) AS buyers,
  coalesce(sum(b.orders), 0)::BIGINT AS orders,
  coalesce(sum(s.kept_micros), 0)::BIGINT AS kept_micros,
  max(b.last_at) AS last_event_at
FROM bought AS b
LEFT JOIN reached_person AS r ON r.customer = b.customer
LEFT JOIN (SELECT customer, currency, sum(kept_micros) AS kept_micros FROM customer_order
           WHERE is_purchase AND ordered_at > getvariable('as_of') - to_days(30) AND ordered_at <= getvariable('as_of')
           GROUP BY customer, currency) AS s
  ON s.customer = b.customer AND s.currency IS NOT DISTINCT FROM b.currency
WHERE b.first_at <= getvariable('as_of') - to_days(90)
GROUP BY CASE WHEN r.customer IS NULL THEN 'no' ELSE 'yes' END, b.currency

-- audit: every old customer is compared once
SELECT b.n AS customers, c.n AS counted
FROM (SELECT count(*) AS n FROM bought WHERE first_at <= getvariable('as_of') - to_days(90)) AS b,
  (SELECT coalesce(sum(customers), 0) AS n FROM reach_comparison) AS c
WHERE b.n <> c.n
