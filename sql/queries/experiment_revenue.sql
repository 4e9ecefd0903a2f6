-- Revenue of people assigned before a time, by experiment and arm (and segment where asked): raw, and capped at the upper end of the class that
-- holds the 99th percentile of those who bought. Centred sums about the arm's mean are put together without cancellation.
-- $asked: JSON list of {experiment_id, until}; $by_segment: whether to cut by segment.
WITH asked AS (
  SELECT a.experiment_id, a.until FROM (SELECT unnest(from_json($asked, '[{"experiment_id":"VARCHAR","until":"TIMESTAMP"}]')) AS a)
),
part AS (
  SELECT r.* REPLACE (CASE WHEN $by_segment THEN r.segment_id END AS segment_id)
  FROM experiment_revenue_1h AS r JOIN asked AS a ON a.experiment_id = r.experiment_id AND r.assigned_hour < a.until
),
class AS (
  SELECT experiment_id, revenue_class, sum(people) AS people FROM part WHERE revenue_class >= 0 GROUP BY experiment_id, revenue_class
),
ranked AS (
  SELECT experiment_id, revenue_class,
    sum(people) OVER (PARTITION BY experiment_id ORDER BY revenue_class) AS up_to,
    sum(people) OVER (PARTITION BY experiment_id) AS total
  FROM class
),
cap AS (
  SELECT experiment_id, min(revenue_class) AS cap_class, pow(2, (min(revenue_class) + 1) / 8.0) / 1e6 AS cap
  FROM ranked WHERE up_to >= 0.99 * total GROUP BY experiment_id
),
capped AS (
  SELECT p.*, c.cap,
    CASE WHEN p.revenue_class > c.cap_class THEN c.cap ELSE p.revenue_mean END AS y_mean,
    CASE WHEN p.revenue_class > c.cap_class THEN 0 ELSE p.revenue_ss END AS y_ss,
    CASE WHEN p.revenue_class > c.cap_class THEN 0 ELSE p.cross_ss END AS y_cross
  FROM part AS p LEFT JOIN cap AS c USING (experiment_id)
),
arm AS (
  SELECT experiment_id, arm_id, segment_id, sum(people) AS n,
    sum(people * y_mean) / sum(people) AS y, sum(people * revenue_mean) / sum(people) AS raw, sum(people * before_mean) / sum(people) AS before
  FROM capped
  GROUP BY experiment_id, arm_id, segment_id
)
SELECT
  c.experiment_id,
  c.arm_id,
  c.segment_id,
  any_value(a.n)::DOUBLE AS n,
  coalesce(sum(c.people) FILTER (WHERE c.revenue_class >= 0), 0)::DOUBLE AS buyers,
  any_value(a.y) AS capped_mean,
  sum(c.y_ss + c.people * (c.y_mean - a.y) ** 2) AS capped_ss,
  any_value(a.raw) AS raw_mean,
  sum(c.revenue_ss + c.people * (c.revenue_mean - a.raw) ** 2) AS raw_ss,
  any_value(a.before) AS before_mean,
  sum(c.before_ss + c.people * (c.before_mean - a.before) ** 2) AS before_ss,
  sum(c.y_cross + c.people * (c.y_mean - a.y) * (c.before_mean - a.before)) AS cross_ss,
  max(c.revenue_max) AS most,
  any_value(c.cap) AS cap,
  min(c.currency) AS first_currency,
  max(c.currency) AS last_currency
FROM capped AS c
JOIN arm AS a ON a.experiment_id = c.experiment_id AND a.arm_id = c.arm_id AND a.segment_id IS NOT DISTINCT FROM c.segment_id
GROUP BY c.experiment_id, c.arm_id, c.segment_id
ORDER BY c.experiment_id, c.arm_id, c.segment_id;
