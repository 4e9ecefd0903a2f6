/*
name: customer
kind: table
layer: staging
refresh: 5m
grain: one person
description: >
  Everybody whom an alias stands for now or who did something, with orders, spend, interactions and consent as of the build. Bands: people_setting. Spend is in
  the currency of most orders, after refunds; bands of value compare customers of one currency. Who ordered last is where the alias pointed then.
columns:
  customer: the person
  first_order_at: {description: of the orders kept, unit: UTC}
  last_order_at: {description: of the orders kept, unit: UTC}
  orders: {description: not refunded in full, unit: orders}
  orders_month: {description: "of those, in the last 30 days", unit: orders}
  orders_quarter: {description: "of those, in the last 90 days", unit: orders}
  currency: ISO 4217
  kept_micros: {description: spent in that currency after refunds, unit: micro-units of the currency}
  value_rank: {description: share of the customers of the currency who spent more, unit: share}
  value_band: high, middle, low; none without an order
  frequency_month: "orders in the last 30 days: 0, 1, 2-3, 4+"
  frequency_quarter: "orders in the last 90 days: 0, 1, 2-3, 4+"
  interaction_at: {description: last interaction, unit: UTC}
  interaction: "7d, 30d, 90d, older or never; the days are of people_setting"
  stage: life-cycle stage of now, see customer_stage; none for who did nothing yet
  consent: "for marketing: granted, withdrawn or none"
*/

-- variable: near_for
SELECT to_days(max(value)::INTEGER) FROM people_setting WHERE name = 'near_days'

-- variable: month_for
SELECT to_days(max(value)::INTEGER) FROM people_setting WHERE name = 'month_days'

-- variable: far_for
SELECT to_days(max(value)::INTEGER) FROM people_setting WHERE name = 'far_days'

-- variable: high_share
SELECT max(value) FROM people_setting WHERE name = 'value_high_share'

-- variable: middle_share
SELECT max(value) FROM people_setting WHERE name = 'value_middle_share'

-- temp: spend
WITH of_currency AS (
  SELECT customer, currency, count(*) AS orders, sum(kept_micros)::BIGINT AS kept_micros, min(ordered_at) AS first_order_at, max(ordered_at) AS last_order_at,
    count(*) FILTER (WHERE ordered_at > getvariable('as_of') - getvariable('month_for')) AS orders_month,
    count(*) FILTER (WHERE ordered_at > getvariable('as_of') - getvariable('far_for')) AS orders_quarter
  FROM customer_order
  WHERE is_purchase AND ordered_at <= getvariable('as_of')
  GROUP BY customer, currency
),
total AS (
  SELECT customer, sum(orders)::BIGINT AS orders, sum(orders_month)::BIGINT AS orders_month, sum(orders_quarter)::BIGINT AS orders_quarter,
    min(first_order_at) AS first_order_at, max(last_order_at) AS last_order_at,
    arg_max(currency, (orders, currency)) AS currency, arg_max(kept_micros, (orders, currency)) AS kept_micros
  FROM of_currency
  GROUP BY customer
)
SELECT *, (rank() OVER (PARTITION BY currency ORDER BY kept_micros DESC NULLS LAST) - 1) / count(*) OVER (PARTITION BY currency) AS value_rank
FROM total

-- temp: consent_of
SELECT coalesce(p.contact, c.alias_id) AS customer, arg_max(c.state, (c.occurred_at, c.state, c.event_id)) AS consent -- of two at once the withdrawal counts
FROM (SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, occurred_at, state, event_id FROM fact_consent
      WHERE category = 'marketing' AND occurred_at <= getvariable('as_of')) AS c
LEFT JOIN contact_period AS p ON p.alias_id = c.alias_id AND c.occurred_at >= p.valid_from AND c.occurred_at < p.valid_to
GROUP BY coalesce(p.contact, c.alias_id)

-- temp: interaction_of
SELECT customer, max(occurred_at) AS interaction_at FROM customer_activity WHERE occurred_at <= getvariable('as_of') GROUP BY customer

-- query
WITH known AS (
  SELECT coalesce(p.contact, a.alias_id) AS customer
  FROM contact_alias AS a
  LEFT JOIN contact_period AS p ON p.alias_id = a.alias_id AND getvariable('as_of') >= p.valid_from AND getvariable('as_of') < p.valid_to
  UNION SELECT customer FROM spend
  UNION SELECT customer FROM interaction_of
  UNION SELECT customer FROM consent_of
)
SELECT
  k.customer,
  s.first_order_at,
  s.last_order_at,
  coalesce(s.orders, 0) AS orders,
  coalesce(s.orders_month, 0) AS orders_month,
  coalesce(s.orders_quarter, 0) AS orders_quarter,
  s.currency,
  s.kept_micros,
  s.value_rank,
  CASE WHEN s.orders IS NULL THEN 'none' WHEN s.value_rank < getvariable('high_share') THEN 'high'
       WHEN s.value_rank < getvariable('middle_share') THEN 'middle' ELSE 'low' END AS value_band,
  CASE WHEN coalesce(s.orders_month, 0) < 2 THEN coalesce(s.orders_month, 0)::VARCHAR WHEN s.orders_month < 4 THEN '2-3' ELSE '4+' END AS frequency_month,
  CASE WHEN coalesce(s.orders_quarter, 0) < 2 THEN coalesce(s.orders_quarter, 0)::VARCHAR WHEN s.orders_quarter < 4 THEN '2-3' ELSE '4+' END AS frequency_quarter,
  i.interaction_at,
  CASE WHEN i.interaction_at IS NULL THEN 'never'
       WHEN i.interaction_at >= getvariable('as_of') - getvariable('near_for') THEN '7d'
       WHEN i.interaction_at >= getvariable('as_of') - getvariable('month_for') THEN '30d'
       WHEN i.interaction_at >= getvariable('as_of') - getvariable('far_for') THEN '90d'
       ELSE 'older' END AS interaction,
  coalesce(t.stage, 'none') AS stage,
  coalesce(c.consent, 'none') AS consent
FROM known AS k
LEFT JOIN spend AS s USING (customer)
LEFT JOIN interaction_of AS i USING (customer)
LEFT JOIN (FROM customer_stage WHERE valid_to = TIMESTAMP 'infinity') AS t USING (customer)
LEFT JOIN consent_of AS c USING (customer)

-- audit: a person is here once
SELECT customer, count(*) AS copies FROM customer GROUP BY customer HAVING count(*) > 1

-- audit: every order kept is somebody's
SELECT o.n AS orders, c.n AS counted
FROM (SELECT count(*) AS n FROM customer_order WHERE is_purchase AND ordered_at <= getvariable('as_of')) AS o,
  (SELECT coalesce(sum(orders), 0) AS n FROM customer) AS c
WHERE o.n <> c.n AND NOT EXISTS (FROM changed_contact WHERE seq NOT IN (SELECT seq FROM claimed_contact))
