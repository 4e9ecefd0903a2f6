-- Revenue by month of the first purchase and month of the order, with the customers of each cohort. $currency; $until: last day that counts;
-- $by: all, campaign or segment, as in value_histories.sql. Months are counted from the year 0.
WITH bought AS (
  SELECT customer, event_id, ordered_at, ordered_on, kept_micros
  FROM customer_order
  WHERE currency = $currency AND kept_micros IS NOT NULL AND is_purchase AND ordered_on <= $until::DATE
),
first_order AS (
  SELECT customer, min(ordered_on) AS first_on, arg_min(event_id, (ordered_at, event_id)) AS event_id
  FROM bought
  GROUP BY customer
),
membership AS (
  SELECT segment_id, contact_alias AS customer, entered
  FROM fact_segment_membership
  WHERE $by = 'segment' AND occurred_at < $until::DATE + 1
  QUALIFY row_number() OVER (PARTITION BY segment_id, contact_alias ORDER BY occurred_at DESC, event_id DESC) = 1
),
member AS (
  SELECT customer, NULL::VARCHAR AS part FROM first_order WHERE $by = 'all'
  UNION ALL
  SELECT f.customer, c.campaign_id
  FROM first_order AS f LEFT JOIN event_credit AS c ON c.kind = 'order' AND c.event_id = f.event_id
  WHERE $by = 'campaign'
  UNION ALL
  SELECT customer, segment_id FROM membership WHERE entered
),
placed AS (
  SELECT m.part, f.customer, (year(f.first_on) * 12 + month(f.first_on) - 1)::INTEGER AS cohort
  FROM first_order AS f JOIN member AS m ON m.customer = f.customer
),
size AS (SELECT part, cohort, count(*)::INTEGER AS customers FROM placed GROUP BY part, cohort)
SELECT
  p.part, p.cohort, any_value(s.customers) AS customers,
  (year(b.ordered_on) * 12 + month(b.ordered_on) - 1)::INTEGER AS month,
  sum(b.kept_micros)::BIGINT AS micros
FROM placed AS p
JOIN size AS s ON s.part IS NOT DISTINCT FROM p.part AND s.cohort = p.cohort
JOIN bought AS b ON b.customer = p.customer
GROUP BY p.part, p.cohort, year(b.ordered_on) * 12 + month(b.ordered_on) - 1
ORDER BY p.part, p.cohort, month;
