/*
name: customer_order
kind: view
layer: staging
grain: one order of one person
time_column: ordered_at
description: >
  Orders with the person who placed them and what is left of them after refunds. An order told twice under different event ids counts once. A
  refund belongs to the order whose id it names and lowers it on the order's own day, so history is restated; refunds in another currency, or of
  orders that were never told of, are not here. An order that was refunded in full is no purchase.
columns:
  event_id: id of the event
  customer: the person, see contact_period
  ordered_at: {description: when, unit: UTC}
  ordered_on: {description: the calendar day, unit: UTC}
  currency: ISO 4217; null where it was not told
  amount_micros: {description: before refunds; null where it was not told, unit: micro-units of the currency}
  refunded_micros: {description: refunds of this order so far, unit: micro-units of the currency}
  kept_micros: {description: "amount less refunds, never below zero", unit: micro-units of the currency}
  is_purchase: false when it was refunded in full
*/
WITH refund AS (
  SELECT order_id, currency, sum(amount_micros)::BIGINT AS micros
  FROM fact_conversion
  WHERE kind = 'refund' AND order_id IS NOT NULL
  GROUP BY order_id, currency
),
placed AS (
  SELECT event_id, occurred_at, coalesce(contact_alias, user_alias, phone_alias) AS alias_id, order_id, currency, amount_micros
  FROM fact_conversion
  WHERE kind = 'order' AND coalesce(contact_alias, user_alias, phone_alias) IS NOT NULL
  QUALIFY order_id IS NULL OR row_number() OVER (PARTITION BY order_id ORDER BY occurred_at, event_id) = 1
)
SELECT
  o.event_id,
  coalesce(p.contact, o.alias_id) AS customer,
  o.occurred_at AS ordered_at,
  o.occurred_at::DATE AS ordered_on,
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
  SELECT coalesce(f.order_id, f.event_id) AS order_id, count(*) AS here, 0 AS there
  FROM customer_order AS c JOIN fact_conversion AS f ON f.event_id = c.event_id AND f.kind = 'order'
  GROUP BY coalesce(f.order_id, f.event_id)
  UNION ALL
  SELECT DISTINCT coalesce(order_id, event_id), 0, 1
  FROM fact_conversion
  WHERE kind = 'order' AND coalesce(contact_alias, user_alias, phone_alias) IS NOT NULL
)
GROUP BY order_id
HAVING sum(here) <> sum(there)
