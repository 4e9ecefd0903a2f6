/*
name: stage_change_15m
kind: view
layer: mart
grain: one quarter hour x stage before x stage after
time_column: bucket_at
description: When people entered a stage of life (customer_stage), and from which.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  stage: entered
  stage_before: left; null for the first
  people: {description: who entered it, unit: people}
  won_back: {description: who had been dormant, unit: people}
  last_event_at: {description: newest change, unit: UTC}
*/
SELECT quarter_hour(valid_from) AS bucket_at, stage, stage_before, count(*) AS people,
  count(*) FILTER (WHERE stage_before = 'dormant') AS won_back, max(valid_from) AS last_event_at
FROM customer_stage
GROUP BY quarter_hour(valid_from), stage, stage_before

-- audit: every change of a stage is counted once
SELECT f.n AS changes, m.n AS counted
FROM (SELECT count(*) AS n FROM customer_stage) AS f, (SELECT coalesce(sum(people), 0) AS n FROM stage_change_15m) AS m
WHERE f.n <> m.n
