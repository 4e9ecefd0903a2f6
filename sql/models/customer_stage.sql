/*
name: customer_stage
kind: table
layer: staging
refresh: 5m
grain: one person and interval in one stage of life
description: >
  The life of a customer, worked out from what the person did (customer_activity): lead (no order yet), new (one order, at most a month
  old), active (one order), repeat (two or more), dormant (nothing for 90 days). Whoever did nothing yet has no row. The days are of
  people_setting. The whole history follows from the facts.
columns:
  customer: the person
  stage: lead, new, active, repeat or dormant
  stage_before: the one before; null for the first
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again; infinity for the stage of now, unit: UTC}
*/

-- variable: dormant_after
SELECT to_days(max(value)::INTEGER) FROM people_setting WHERE name = 'dormant_days'

-- variable: new_for
SELECT to_days(max(value)::INTEGER) FROM people_setting WHERE name = 'month_days'

-- temp: deed
SELECT customer, occurred_at,
  sum(orders) OVER (PARTITION BY customer ORDER BY occurred_at) AS orders,
  lead(occurred_at) OVER (PARTITION BY customer ORDER BY occurred_at) AS next_at,
  min(CASE WHEN orders > 0 THEN occurred_at END) OVER (PARTITION BY customer) AS first_order_at
FROM (
  SELECT customer, occurred_at, count(*) FILTER (WHERE kind = 'order') AS orders
  FROM customer_activity
  WHERE occurred_at <= getvariable('as_of')
  GROUP BY customer, occurred_at
)

-- query
WITH point AS (
  SELECT customer, occurred_at AS since,
    CASE WHEN orders = 0 THEN 'lead' WHEN orders >= 2 THEN 'repeat'
         WHEN occurred_at > first_order_at + getvariable('new_for') THEN 'active' ELSE 'new' END AS stage
  FROM deed
  UNION ALL
  -- The last deed before the month is over tells whether there is one order still; exactly a month is new.
  SELECT customer, first_order_at + getvariable('new_for') + to_microseconds(1), 'active'
  FROM deed
  WHERE orders = 1 AND occurred_at <= first_order_at + getvariable('new_for') AND getvariable('new_for') < getvariable('dormant_after')
    AND coalesce(next_at > first_order_at + getvariable('new_for'), true)
  UNION ALL
  SELECT customer, occurred_at + getvariable('dormant_after') + to_microseconds(1), 'dormant'
  FROM deed
  WHERE coalesce(next_at > occurred_at + getvariable('dormant_after'), true)
),
turn AS (
  SELECT customer, since, stage, lag(stage) OVER (PARTITION BY customer ORDER BY since) AS stage_before
  FROM point
  WHERE since <= getvariable('as_of')
  QUALIFY stage_before IS DISTINCT FROM stage
)
SELECT customer, stage, stage_before, since AS valid_from,
  coalesce(lead(since) OVER (PARTITION BY customer ORDER BY since), TIMESTAMP 'infinity') AS valid_to
FROM turn

-- audit: one stage at a time, and one of now for everybody
SELECT customer, count(*) FILTER (WHERE valid_to = TIMESTAMP 'infinity') AS open
FROM customer_stage GROUP BY customer
HAVING open <> 1 OR count(*) FILTER (WHERE valid_to <= valid_from) > 0

-- audit: everybody who did something has a stage
SELECT a.n AS people, s.n AS staged
FROM (SELECT count(DISTINCT customer) AS n FROM customer_activity WHERE occurred_at <= getvariable('as_of')) AS a,
  (SELECT count(DISTINCT customer) AS n FROM customer_stage) AS s
WHERE a.n < s.n
