/*
name: customer_order
kind: view
layer: staging
grain: one order of one person
time_column: ordered_at
description: >
  Orders with the person who placed them and what is left of them after refunds. A refund belongs to the order whose id it names (to the
  first, when the id was told twice) and lowers it on the order's own day, so history is restated. Refunds of orders that were never told of
  are not here. An order that was refunded in full is no purchase.
columns:
  event_id: id of the event
  customer: the person, see contact_period
  ordered_at: {description: when, unit: UTC}
  ordered_on: {description: the calendar day, unit: UTC}
  currency: ISO 4217; null where it was not told
  amount_micros: {description: before refunds; null where it was not told, unit: micro-units of the currency}
  refunded_micros: {description: refunds of this order so far, unit: micro-units of the currency}
  kept_micros: {description: amount less refunds, unit: micro-units of the currency}
  is_purchase: false when it was refunded in full
*/
WITH refund AS (
  SELECT order_id, currency, sum(amount_micros)::BIGINT AS micros
  FROM fact_conversion
  WHERE kind = 'refund' AND order_id IS NOT NULL
  GROUP BY order_id, currency
),
placed AS (
  SELECT
    event_id, occurred_at, coalesce(contact_alias, user_alias, phone_alias) AS alias_id, order_id, currency, amount_micros,
    row_number() OVER (PARTITION BY order_id, currency ORDER BY occurred_at, event_id) = 1 AS first_told
  FROM fact_conversion
  WHERE kind = 'order'
)
SELECT
  o.event_id,
  coalesce(p.contact, o.alias_id) AS customer,
  o.occurred_at AS ordered_at,
  o.occurred_at::DATE AS ordered_on,
  o.currency,
  o.amount_micros,
  coalesce(r.micros, 0) AS refunded_micros,
  o.amount_micros - coalesce(r.micros, 0) AS kept_micros,
  NOT coalesce(r.micros > 0 AND r.micros >= o.amount_micros, false) AS is_purchase
FROM placed AS o
LEFT JOIN contact_period AS p ON p.alias_id = o.alias_id AND o.occurred_at >= p.valid_from AND o.occurred_at < p.valid_to
LEFT JOIN refund AS r ON r.order_id = o.order_id AND r.currency IS NOT DISTINCT FROM o.currency AND o.first_told
WHERE o.alias_id IS NOT NULL

-- audit: every order of a person is here once
SELECT event_id, count(*) AS copies
FROM (
  SELECT event_id FROM customer_order
  UNION ALL
  SELECT event_id FROM fact_conversion WHERE kind = 'order' AND coalesce(contact_alias, user_alias, phone_alias) IS NOT NULL
)
GROUP BY event_id
HAVING count(*) <> 2
