/*
name: experiment_revenue_1h
kind: incremental
layer: mart
key: [experiment_id, assigned_hour]
touched: touched_experiment
changes: experiment
time_column: assigned_hour
grain: one experiment x hour of assignment x arm x segment x class of revenue
description: >
  Sufficient statistics of revenue and of its covariate, the revenue of the 28 days before: counts, means and centred sums, which add up
  without loss. Classes of revenue grow by an eighth of an octave, so that a mean capped at a class's upper end is exact.
columns:
  experiment_id: experiment
  assigned_hour: {description: hour of the assignment, unit: UTC}
  arm_id: arm
  segment_id: segment at the assignment
  revenue_class: {description: "floor(8 log2(revenue in micro-units)), -1 for none", unit: eighths of an octave}
  people: {description: assigned to this arm alone, unit: people}
  revenue_mean: {description: mean, unit: currency}
  revenue_ss: {description: centred sum of squares, unit: currency squared}
  before_mean: {description: mean of the covariate, unit: currency}
  before_ss: {description: its centred sum of squares, unit: currency squared}
  cross_ss: {description: centred sum of products, unit: currency squared}
  revenue_max: {description: most by one person, unit: currency}
  currency: of the orders; null without any, "mixed" when there are several
*/
SELECT
  experiment_id,
  assigned_hour,
  arm_id,
  segment_id,
  CASE WHEN revenue > 0 THEN floor(8 * log2(revenue * 1e6))::INTEGER ELSE -1 END AS revenue_class,
  count(*) AS people,
  -- Rounded far below what matters, so that the order in which a sum was made does not show.
  round(avg(revenue), 9) AS revenue_mean,
  round(var_pop(revenue) * count(*), 6) AS revenue_ss,
  round(avg(revenue_before), 9) AS before_mean,
  round(var_pop(revenue_before) * count(*), 6) AS before_ss,
  round(covar_pop(revenue, revenue_before) * count(*), 6) AS cross_ss,
  max(revenue) AS revenue_max,
  CASE WHEN min(currency) = max(currency) THEN min(currency) WHEN min(currency) IS NOT NULL THEN 'mixed' END AS currency
FROM experiment_person
WHERE NOT is_crossed
  AND (getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment))
GROUP BY experiment_id, assigned_hour, arm_id, segment_id, CASE WHEN revenue > 0 THEN floor(8 * log2(revenue * 1e6))::INTEGER ELSE -1 END
ORDER BY experiment_id, assigned_hour

-- audit: the same people as in experiment_arm_1h
SELECT experiment_id, assigned_hour, sum(here) AS here, sum(there) AS there
FROM (
  SELECT experiment_id, assigned_hour, people AS here, 0 AS there FROM experiment_revenue_1h
  WHERE getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment)
  UNION ALL
  SELECT experiment_id, assigned_hour, 0, count(*) FILTER (WHERE NOT is_crossed) FROM experiment_person
  WHERE getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment)
  GROUP BY experiment_id, assigned_hour
)
GROUP BY experiment_id, assigned_hour
HAVING sum(here) <> sum(there)
