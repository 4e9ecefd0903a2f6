/*
name: customer_spend
kind: table
layer: mart
refresh: 15m
grain: currency x step of what a customer has spent
time_column: bucket_at
description: >
  How many customers have spent how much so far, after refunds, in the currency of most of their orders, in steps of 1, 2, 5, 10 …; as of the newest
  build: bucket_at is its quarter hour. Customers whose orders have no known value are left out.
columns:
  bucket_at: {description: quarter hour of the build, unit: UTC}
  currency: ISO 4217
  spent: "step with its currency, e.g. 20-50 USD: from 20 up to, not including, 50"
  customers: {description: customers, unit: people}
  last_event_at: {description: newest order, unit: UTC}
*/
WITH edge AS (
  SELECT low, low::BIGINT * 1000000 AS low_micros, lead(low) OVER (ORDER BY low) AS high
  FROM (SELECT unnest([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000]) AS low)
)
SELECT
  quarter_hour(getvariable('as_of')) AS bucket_at,
  c.currency,
  CASE WHEN e.high IS NULL THEN e.low || '+ ' || c.currency ELSE e.low || '-' || e.high || ' ' || c.currency END AS spent,
  count(*) AS customers,
  max(c.last_order_at) AS last_event_at
FROM customer AS c
ASOF JOIN edge AS e ON c.kept_micros >= e.low_micros
WHERE c.orders > 0
GROUP BY c.currency, CASE WHEN e.high IS NULL THEN e.low || '+ ' || c.currency ELSE e.low || '-' || e.high || ' ' || c.currency END

-- audit: every customer of known spend is in one step
SELECT c.n AS customers, s.n AS counted
FROM (SELECT count(*) AS n FROM customer WHERE orders > 0 AND kept_micros IS NOT NULL) AS c,
  (SELECT coalesce(sum(customers), 0) AS n FROM customer_spend) AS s
WHERE c.n <> s.n
