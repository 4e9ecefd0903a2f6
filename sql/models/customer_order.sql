/*
name: customer_order
kind: incremental
layer: staging
key: [event_id]
touched: touched_customer_order
changes: contact
time_column: ordered_at
grain: one order of one person
description: >
  Orders with the person who placed them and what is left of them after refunds. An order told twice under different event ids counts once. A
  refund belongs to the order whose id it names and lowers it on the order's own day, so history is restated; refunds in another currency, or of
  orders that were never told of, are not here. An order that was refunded in full is no purchase.
columns:
  event_id: id of the event
  customer: the person, see contact_period
  ordered_at: {description: when, unit: UTC}
  ordered_on: {description: the calendar day, unit: UTC}
  order_id: as the shop calls it
  currency: ISO 4217; null where it was not told
  amount_micros: {description: before refunds; null where it was not told, unit: micro-units of the currency}
  refunded_micros: {description: refunds of this order so far, unit: micro-units of the currency}
  kept_micros: {description: "amount less refunds, never below zero", unit: micro-units of the currency}
  is_purchase: false when it was refunded in full
*/

-- variable: told_from
-- As a literal it keeps older row groups from being read; whoever stands for somebody else now changes all that was told of them.
SELECT CASE WHEN getvariable('full_build') OR bool_or(whole) THEN TIMESTAMP '-infinity' ELSE coalesce(min(changed_at), TIMESTAMP 'infinity') END
FROM touched_contact

-- temp: touched_order_event
-- Orders and refunds of people who changed, from when they did, and the refunds that do not say whose they are: nobody's change tells of them.
SELECT event_id, order_id, kind FROM fact_conversion WHERE kind IN ('order', 'refund') AND getvariable('full_build')
UNION
SELECT c.event_id, c.order_id, c.kind
FROM (SELECT event_id, order_id, kind, occurred_at, unnest([contact_alias, phone_alias, user_alias]) AS alias_id FROM fact_conversion
      WHERE kind IN ('order', 'refund') AND NOT getvariable('full_build') AND occurred_at >= getvariable('told_from')) AS c
JOIN touched_contact AS t USING (alias_id)
WHERE t.whole OR c.occurred_at >= t.changed_at
UNION
SELECT event_id, order_id, kind FROM fact_conversion WHERE kind = 'refund' AND coalesce(contact_alias, user_alias, phone_alias) IS NULL

-- temp: touched_customer_order
-- With all that were told under the same order ids.
SELECT event_id FROM touched_order_event WHERE kind = 'order'
UNION
SELECT event_id FROM fact_conversion
WHERE kind = 'order' AND NOT getvariable('full_build') AND order_id IN (SELECT order_id FROM touched_order_event WHERE order_id IS NOT NULL)

-- query
WITH told AS (
  SELECT event_id, kind, occurred_at, coalesce(contact_alias, user_alias, phone_alias) AS alias_id, order_id, currency, amount_micros
  FROM fact_conversion
  WHERE kind IN ('order', 'refund')
    AND (getvariable('full_build') OR event_id IN (SELECT event_id FROM touched_customer_order)
         OR order_id IN (SELECT order_id FROM fact_conversion SEMI JOIN touched_customer_order USING (event_id)))
),
refund AS (
  SELECT order_id, currency, sum(amount_micros)::BIGINT AS micros
  FROM told
  WHERE kind = 'refund' AND order_id IS NOT NULL
  GROUP BY order_id, currency
),
placed AS (
  SELECT event_id, occurred_at, alias_id, order_id, currency, amount_micros
  FROM told
  WHERE kind = 'order' AND alias_id IS NOT NULL
  QUALIFY order_id IS NULL OR row_number() OVER (PARTITION BY order_id ORDER BY occurred_at, event_id) = 1
)
SELECT
  o.event_id,
  coalesce(p.contact, o.alias_id) AS customer,
  o.occurred_at AS ordered_at,
  o.occurred_at::DATE AS ordered_on,
  o.order_id,
  o.currency,
  o.amount_micros,
  coalesce(r.micros, 0) AS refunded_micros,
  CASE WHEN o.amount_micros IS NOT NULL THEN greatest(o.amount_micros - coalesce(r.micros, 0), 0) END AS kept_micros,
  NOT coalesce(r.micros > 0 AND r.micros >= o.amount_micros, false) AS is_purchase
FROM placed AS o
LEFT JOIN contact_period AS p ON p.alias_id = o.alias_id AND o.occurred_at >= p.valid_from AND o.occurred_at < p.valid_to
LEFT JOIN refund AS r ON r.order_id = o.order_id AND r.currency = o.currency

-- audit: every order of a person is here once
SELECT order_id, sum(here) AS here, sum(there) AS there
FROM (
  SELECT coalesce(c.order_id, c.event_id) AS order_id, count(*) AS here, 0 AS there
  FROM customer_order AS c
  WHERE getvariable('full_build') OR c.event_id IN (SELECT event_id FROM touched_customer_order)
     OR c.order_id IN (SELECT order_id FROM fact_conversion SEMI JOIN touched_customer_order USING (event_id))
  GROUP BY coalesce(c.order_id, c.event_id)
  UNION ALL
  SELECT DISTINCT coalesce(order_id, event_id), 0, 1
  FROM fact_conversion
  WHERE kind = 'order' AND coalesce(contact_alias, user_alias, phone_alias) IS NOT NULL
    AND (getvariable('full_build') OR event_id IN (SELECT event_id FROM touched_customer_order))
)
GROUP BY order_id
HAVING sum(here) <> sum(there)
