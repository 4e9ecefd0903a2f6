/*
name: order_revenue
kind: incremental
layer: staging
key: [event_id]
touched: touched_revenue
grain: one order or goal
time_column: occurred_at
description: >
  What each order and goal brought in after refunds, in the reporting currency at the rate of its own day, so that a full refund leaves nothing
  whatever the rate did since. A refund belongs to the order whose id it names. An order told twice under different event ids
  counts once: the first that says whose it is.
columns:
  event_id: id of the event
  kind: order or goal
  occurred_at: {description: when, unit: UTC}
  order_id: of an order
  currency: ISO 4217; null where it was not told
  amount_micros: {description: before refunds, unit: micro-units of the currency}
  refunded_micros: {description: refunds of this order in its currency so far, unit: micro-units of the currency}
  revenue_micros: {description: "amount less refunds, never below zero; null when it is not known", unit: micro-units of the reporting currency}
  state: known, told_before (counts for nothing), no_amount, no_exchange_rate or other_currency (a refund in another one)
*/

-- temp: told_refund
SELECT order_id, arg_min(currency, event_id) AS currency, count(DISTINCT currency) AS currencies, sum(amount_micros)::BIGINT AS micros
FROM fact_conversion
WHERE kind = 'refund' AND order_id IS NOT NULL
GROUP BY order_id

-- variable: told_from
-- As a literal it keeps older row groups from being read; whoever stands for somebody else now changes all that was told of them.
SELECT CASE WHEN getvariable('full_build') OR bool_or(whole) THEN TIMESTAMP '-infinity' ELSE coalesce(min(changed_at), TIMESTAMP 'infinity') END
FROM touched_contact

-- temp: touched_told
-- Orders, goals and refunds of people who changed, from when they did.
SELECT c.event_id, c.kind, c.order_id
FROM (SELECT event_id, kind, order_id, occurred_at, unnest([contact_alias, phone_alias, user_alias]) AS alias_id FROM fact_conversion
      WHERE occurred_at >= getvariable('told_from')) AS c
JOIN touched_contact AS t USING (alias_id)
WHERE t.whole OR c.occurred_at >= t.changed_at

-- temp: touched_revenue
SELECT event_id FROM touched_told WHERE kind IN ('order', 'goal')
UNION
SELECT event_id FROM fact_conversion
WHERE kind IN ('order', 'goal') AND order_id IN (SELECT order_id FROM touched_told WHERE order_id IS NOT NULL)
UNION
-- A shop may tell of a refund without saying whose.
SELECT o.event_id FROM order_revenue AS o JOIN told_refund AS r USING (order_id)
WHERE o.state <> 'told_before' AND o.refunded_micros IS DISTINCT FROM r.micros

-- variable: revenue_source
SELECT CASE WHEN getvariable('full_build') THEN 'fact_conversion' ELSE 'touched_revenue' END

-- query
WITH told AS (
  SELECT event_id, kind, occurred_at, order_id, currency, amount_micros,
    order_id IS NULL OR row_number() OVER (PARTITION BY kind, order_id
      ORDER BY coalesce(contact_alias, user_alias, phone_alias) IS NULL, occurred_at, event_id) = 1 AS is_first
  FROM fact_conversion
  WHERE kind IN ('order', 'goal')
    AND (event_id IN (SELECT event_id FROM query_table(getvariable('revenue_source')))
         OR order_id IN (SELECT order_id FROM fact_conversion SEMI JOIN query_table(getvariable('revenue_source')) AS s USING (event_id)))
),
netted AS (
  SELECT t.*, x.rate, coalesce(r.micros, 0) AS refunded_micros,
    CASE
      WHEN NOT t.is_first THEN 'told_before'
      WHEN t.amount_micros IS NULL OR t.currency IS NULL THEN 'no_amount'
      WHEN r.currencies > 1 OR r.order_id IS NOT NULL AND r.currency IS DISTINCT FROM t.currency THEN 'other_currency'
      WHEN x.rate IS NULL THEN 'no_exchange_rate'
      ELSE 'known'
    END AS state
  FROM told AS t
  LEFT JOIN told_refund AS r ON r.order_id = t.order_id AND t.kind = 'order' AND t.is_first
  LEFT JOIN exchange_rate AS x ON x.currency = t.currency AND t.occurred_at >= x.valid_from AND t.occurred_at < x.valid_to
)
SELECT
  event_id, kind, occurred_at, order_id, currency, amount_micros, refunded_micros,
  CASE state WHEN 'told_before' THEN 0 WHEN 'known' THEN round(greatest(amount_micros - refunded_micros, 0) * rate, 0)::BIGINT END AS revenue_micros,
  state
FROM netted

-- emit: changed_message
WITH before AS (SELECT event_id, revenue_micros, state FROM order_revenue SEMI JOIN touched_revenue USING (event_id)),
now AS (SELECT event_id, revenue_micros, state FROM order_revenue__next),
changed AS ((FROM before EXCEPT FROM now) UNION (FROM now EXCEPT FROM before))
SELECT DISTINCT quarter_hour(c.message_at) AS bucket_at, c.campaign_id
FROM touch_credit AS c SEMI JOIN changed USING (event_id)
WHERE c.kind IN ('order', 'goal')

-- audit: every row is one order or goal of the facts, with its amount
SELECT o.event_id, o.amount_micros, f.amount_micros AS told_micros
FROM order_revenue AS o
LEFT JOIN fact_conversion AS f ON f.event_id = o.event_id AND f.kind = o.kind
WHERE (getvariable('full_build') OR o.event_id IN (SELECT event_id FROM query_table(getvariable('revenue_source'))))
QUALIFY f.event_id IS NULL OR o.amount_micros IS DISTINCT FROM f.amount_micros OR count(*) OVER (PARTITION BY o.event_id) > 1

-- audit: no revenue is below zero
SELECT * FROM order_revenue WHERE revenue_micros < 0
