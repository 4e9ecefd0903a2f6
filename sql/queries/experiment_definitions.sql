-- Experiments with what their plan is worth: whether the design in force was so before the first assignment and the first send.
-- $experiment: one id, or NULL for all.
WITH start AS (
  SELECT experiment_id, min(first_assigned_at) AS assigned_at, min(first_message_at) AS message_at
  FROM experiment_arm_1h
  WHERE $experiment IS NULL OR experiment_id = $experiment
  GROUP BY experiment_id
),
version AS (
  SELECT v.experiment_id,
    bool_or(v.design_hash = d.design_hash AND (s.assigned_at IS NULL OR v.changed_at <= least(s.assigned_at, s.message_at))) AS was_in_time,
    coalesce(bool_or(v.design_hash <> d.design_hash AND v.changed_at > least(s.assigned_at, s.message_at)), false)
      OR arg_max(v.design_hash, (v.changed_at, v.command_id)) FILTER (WHERE s.assigned_at IS NOT NULL AND v.changed_at <= least(s.assigned_at, s.message_at))
         IS DISTINCT FROM CASE WHEN s.assigned_at IS NOT NULL THEN any_value(d.design_hash) END AS was_changed
  FROM dim_experiment AS v
  JOIN experiment_definition AS d USING (experiment_id)
  LEFT JOIN start AS s USING (experiment_id)
  WHERE $experiment IS NULL OR v.experiment_id = $experiment
  GROUP BY v.experiment_id, s.assigned_at
)
SELECT d.experiment_id, d.name, d.campaign_id, d.dimension, d.salt, d.metric, d.goal, d.age_h, d.longest_delay_h, d.currency,
  d.arms::VARCHAR AS arms, d.plan::VARCHAR AS plan, d.design_hash, s.assigned_at, s.message_at,
  CASE WHEN d.plan IS NULL THEN 'none' WHEN v.was_in_time AND NOT v.was_changed THEN 'filed' ELSE 'late' END AS plan_state
FROM experiment_definition AS d
LEFT JOIN start AS s USING (experiment_id)
LEFT JOIN version AS v USING (experiment_id)
WHERE $experiment IS NULL OR d.experiment_id = $experiment
ORDER BY s.assigned_at DESC NULLS LAST, d.experiment_id;
