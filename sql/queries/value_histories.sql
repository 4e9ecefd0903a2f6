-- Customers with the same history, counted: the sufficient statistics of the buying process, with what they did afterwards.
-- $currency; $calibration_end and $holdout_end: last days; $by: all, cohort, campaign or segment. A customer's purchases on one
-- day are one transaction. A campaign has the customers whose first order is credited to it; a segment has its members at the end of the
-- calibration, so one customer may be in several.
WITH purchase_day AS (
  SELECT customer, ordered_on, sum(kept_micros) AS micros
  FROM customer_order
  WHERE currency = $currency AND kept_micros IS NOT NULL AND is_purchase AND ordered_on <= $holdout_end::DATE
  GROUP BY customer, ordered_on
),
history AS (
  SELECT
    customer,
    min(ordered_on) AS first_on,
    count(*) FILTER (WHERE ordered_on <= $calibration_end::DATE) - 1 AS frequency,
    max(ordered_on) FILTER (WHERE ordered_on <= $calibration_end::DATE) - min(ordered_on) AS recency_days,
    $calibration_end::DATE - min(ordered_on) AS age_days,
    sum(micros) FILTER (WHERE ordered_on <= $calibration_end::DATE) AS micros,
    sum(micros) FILTER (WHERE ordered_on <= $calibration_end::DATE) - arg_min(micros, ordered_on) AS repeat_micros,
    count(*) FILTER (WHERE ordered_on > $calibration_end::DATE) AS later_transactions,
    coalesce(sum(micros) FILTER (WHERE ordered_on > $calibration_end::DATE), 0) AS later_micros
  FROM purchase_day
  GROUP BY customer
  HAVING min(ordered_on) <= $calibration_end::DATE
),
acquired AS (
  SELECT o.customer, arg_min(c.campaign_id, (o.ordered_at, o.event_id)) AS campaign_id
  FROM customer_order AS o
  JOIN history AS h ON h.customer = o.customer AND h.first_on = o.ordered_on
  LEFT JOIN event_credit AS c ON c.kind = 'order' AND c.event_id = o.event_id
  WHERE $by = 'campaign' AND o.currency = $currency AND o.kept_micros IS NOT NULL AND o.is_purchase
  GROUP BY o.customer
),
membership AS (
  SELECT segment_id, contact_alias AS customer, entered
  FROM fact_segment_membership
  WHERE $by = 'segment' AND occurred_at < $calibration_end::DATE + 1
  QUALIFY row_number() OVER (PARTITION BY segment_id, contact_alias ORDER BY occurred_at DESC, event_id DESC) = 1
),
member AS (
  SELECT customer, NULL::VARCHAR AS part FROM history WHERE $by = 'all'
  UNION ALL
  SELECT customer, strftime(first_on, '%Y-%m') FROM history WHERE $by = 'cohort'
  UNION ALL
  SELECT customer, campaign_id FROM acquired
  UNION ALL
  SELECT customer, segment_id FROM membership WHERE entered
)
SELECT
  m.part,
  h.frequency::INTEGER AS frequency,
  h.recency_days::INTEGER AS recency_days,
  h.age_days::INTEGER AS age_days,
  count(*)::INTEGER AS customers,
  sum(h.micros)::BIGINT AS micros,
  sum(h.repeat_micros)::BIGINT AS repeat_micros,
  sum(h.later_transactions)::INTEGER AS later_transactions,
  sum(h.later_micros)::BIGINT AS later_micros
FROM history AS h
JOIN member AS m ON m.customer = h.customer
GROUP BY m.part, h.frequency, h.recency_days, h.age_days
ORDER BY m.part, h.frequency, h.recency_days, h.age_days;
