/*
name: order_cohort
kind: table
layer: mart
refresh: 15m
grain: month of the first order (UTC) x months since
time_column: bucket_at
description: >
  Retention and repurchase by the month of a customer's first order. A customer is retained in the n-th month when one of the orders lies in it: months of
  30 days from the customer's own first order, so that everybody had the same time. Only customers who have had the whole month count.
columns:
  bucket_at: {description: first day of the month of the first order, unit: UTC}
  cohort: that month, YYYY-MM
  months_since: whole months of 30 days since the first order; 0 is the month that begins with it
  customers: {description: who have had the whole of this month, unit: people}
  retained: {description: who ordered in it (in month 0 once more), unit: people}
  repurchased: {description: "who ordered once more by its end", unit: people}
  orders: {description: in this month without the first order, unit: orders}
  last_event_at: {description: newest order, unit: UTC}
*/

-- temp: purchase
SELECT customer, ordered_at, min(ordered_at) OVER (PARTITION BY customer) AS first_at,
  row_number() OVER (PARTITION BY customer ORDER BY ordered_at, event_id) AS nth
FROM customer_order
WHERE is_purchase AND ordered_at <= getvariable('as_of')

-- temp: buyer
-- Times exactly on the border belong to the month that begins.
SELECT customer, first_at, strftime(first_at, '%Y-%m') AS cohort, date_sub('day', first_at, getvariable('as_of')) // 30 AS months_had,
  min(CASE WHEN nth = 2 THEN date_sub('day', first_at, ordered_at) // 30 END) AS repurchase_month
FROM purchase
GROUP BY customer, first_at

-- query
WITH had AS (
  SELECT cohort, customer, repurchase_month, unnest(range(least(months_had, 24))) AS months_since FROM buyer
),
ordered AS (
  SELECT customer, date_sub('day', first_at, ordered_at) // 30 AS months_since, count(*) AS orders
  FROM purchase WHERE nth > 1
  GROUP BY customer, date_sub('day', first_at, ordered_at) // 30
)
SELECT
  strptime(h.cohort || '-01', '%Y-%m-%d') AS bucket_at,
  h.cohort,
  h.months_since,
  count(*) AS customers,
  count(o.customer) AS retained,
  count(*) FILTER (WHERE h.repurchase_month <= h.months_since) AS repurchased,
  coalesce(sum(o.orders), 0)::BIGINT AS orders,
  (SELECT max(ordered_at) FROM purchase) AS last_event_at
FROM had AS h
LEFT JOIN ordered AS o ON o.customer = h.customer AND o.months_since = h.months_since
GROUP BY h.cohort, h.months_since

-- audit: everybody with a whole month is in the first one
SELECT b.n AS buyers, c.n AS counted
FROM (SELECT count(*) AS n FROM buyer WHERE months_had >= 1) AS b,
  (SELECT coalesce(sum(customers), 0) AS n FROM order_cohort WHERE months_since = 0) AS c
WHERE b.n <> c.n

-- audit: nobody is retained who is no customer, and who came back stays so
SELECT cohort, months_since, customers, retained, repurchased FROM order_cohort WHERE retained > customers OR repurchased > customers
