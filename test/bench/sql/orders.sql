-- Orders of customers who buy and leave as BG/NBD says, over the two years before `until`: variables customers, until. A customer's orders are
-- exponential gaps at a rate of their own (exponential among them, a week in 10 in the mean), up to 12; after each, the first among them, they
-- leave with a probability of their own.
CREATE TEMP TABLE bench_order AS
WITH customer AS (
  SELECT
    i, getvariable('until') - to_seconds(floor(random() * 730 * 86400)::BIGINT) AS first_at, -ln(1 - random()) / 70 AS rate,
    1 - random() ** 0.5 AS leaves
  FROM range(getvariable('customers')) AS r(i)
),
stay AS (SELECT *, 1 + least(12, floor(ln(1 - random()) / ln(1 - least(0.999999, leaves + 1e-6))))::INTEGER AS orders FROM customer),
gap AS (SELECT i, first_at, k, CASE WHEN k > 0 THEN -ln(1 - random()) / rate ELSE 0 END AS days FROM stay, unnest(range(orders)) AS u(k))
SELECT i, k, first_at + to_seconds((least(10000, sum(days) OVER (PARTITION BY i ORDER BY k)) * 86400)::BIGINT) AS ordered_at
FROM gap;
INSERT INTO fact_conversion (event_id, kind, occurred_at, contact_alias, order_id, amount_micros, currency)
SELECT 'order ' || i || ' ' || k, 'order', ordered_at, 'contact ' || i, 'order ' || i || ' ' || k,
  round(1000000 * (5 + (i % 97) * 0.4) * (0.5 - ln(1 - random()) / 2))::BIGINT, 'EUR'
FROM bench_order
WHERE ordered_at < getvariable('until')
ORDER BY ordered_at;
DROP TABLE bench_order;
