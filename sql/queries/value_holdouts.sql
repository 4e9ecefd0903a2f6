-- Experiments with a hold-out, by campaign: people whose whole window has passed at $at, in the hold-out and outside of it, with their
-- conversions and the moments of their revenue, put together from the hours of assignment. $campaign: one id, or NULL for all.
WITH experiment AS (
  SELECT experiment_id, campaign_id, longest_delay_h, age_h
  FROM experiment_definition
  WHERE ($campaign IS NULL OR campaign_id = $campaign)
    AND experiment_id IN (SELECT experiment_id FROM experiment_arm WHERE is_holdout)
),
revenue AS (
  SELECT e.experiment_id, coalesce(a.is_holdout, false) AS is_holdout, r.people, r.revenue_mean, r.revenue_ss, r.currency,
    sum(r.people * r.revenue_mean) OVER side / sum(r.people) OVER side AS mean
  FROM experiment AS e
  JOIN experiment_revenue_1h AS r ON r.experiment_id = e.experiment_id AND matures_at(r.assigned_hour, e.longest_delay_h, e.age_h) <= $at::TIMESTAMP
  LEFT JOIN experiment_arm AS a ON a.experiment_id = r.experiment_id AND a.arm_id = r.arm_id
  WHERE r.people > 0
  WINDOW side AS (PARTITION BY e.experiment_id, coalesce(a.is_holdout, false))
),
moments AS (
  SELECT experiment_id, is_holdout, sum(people)::BIGINT AS people, any_value(mean) AS mean,
    sum(revenue_ss + people * (revenue_mean - mean) * (revenue_mean - mean)) AS squares,
    list_sort(list(DISTINCT currency) FILTER (WHERE currency IS NOT NULL)) AS currencies
  FROM revenue
  GROUP BY experiment_id, is_holdout
),
outcome AS (
  SELECT e.experiment_id, coalesce(a.is_holdout, false) AS is_holdout, sum(h.converted)::BIGINT AS converted
  FROM experiment AS e
  JOIN experiment_arm_1h AS h ON h.experiment_id = e.experiment_id AND matures_at(h.assigned_hour, e.longest_delay_h, e.age_h) <= $at::TIMESTAMP
  LEFT JOIN experiment_arm AS a ON a.experiment_id = h.experiment_id AND a.arm_id = h.arm_id
  GROUP BY e.experiment_id, coalesce(a.is_holdout, false)
),
assigned AS (
  SELECT e.experiment_id, coalesce(a.is_holdout, false) AS is_holdout, sum(h.people)::BIGINT AS people
  FROM experiment AS e
  JOIN experiment_arm_1h AS h ON h.experiment_id = e.experiment_id
  LEFT JOIN experiment_arm AS a ON a.experiment_id = h.experiment_id AND a.arm_id = h.arm_id
  GROUP BY e.experiment_id, coalesce(a.is_holdout, false)
)
SELECT
  e.campaign_id, e.experiment_id, n.is_holdout, n.people AS assigned,
  coalesce(m.people, 0) AS people, coalesce(o.converted, 0) AS converted,
  coalesce(m.mean, 0)::DOUBLE AS mean, coalesce(m.squares, 0)::DOUBLE AS squares,
  array_to_string(m.currencies, ',') AS currencies
FROM experiment AS e
JOIN assigned AS n ON n.experiment_id = e.experiment_id
LEFT JOIN moments AS m ON m.experiment_id = n.experiment_id AND m.is_holdout = n.is_holdout
LEFT JOIN outcome AS o ON o.experiment_id = n.experiment_id AND o.is_holdout = n.is_holdout
ORDER BY e.campaign_id, e.experiment_id, n.is_holdout;
