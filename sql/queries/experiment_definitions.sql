-- Experiments with what their plan is worth: whether the design in force was so before the first assignment and the first send.
-- $experiment: one id, or NULL for all.
WITH counted AS (
  SELECT experiment_id, min(first_assigned_at) AS assigned_at, min(first_message_at) AS message_at
  FROM experiment_arm_1h
  WHERE $experiment IS NULL OR experiment_id = $experiment
  GROUP BY experiment_id
),
changed AS (
  -- Whose design was ever changed: only there it matters whether the campaign had begun to send before anybody was assigned.
  SELECT v.experiment_id, d.campaign_id, min(v.changed_at) AS registered_at
  FROM dim_experiment AS v JOIN experiment_definition AS d USING (experiment_id)
  WHERE $experiment IS NULL OR v.experiment_id = $experiment
  GROUP BY v.experiment_id, d.campaign_id
  HAVING min(v.design_hash) <> max(v.design_hash)
),
sent AS (
  SELECT c.experiment_id, min(m.message_at) AS message_at
  FROM experiment_message AS m JOIN changed AS c ON c.campaign_id = m.campaign_id AND m.message_at >= c.registered_at
  GROUP BY c.experiment_id
),
start AS (
  SELECT d.experiment_id, c.assigned_at, least(c.message_at, s.message_at) AS message_at, least(c.assigned_at, c.message_at, s.message_at) AS began_at
  FROM experiment_definition AS d
  LEFT JOIN counted AS c USING (experiment_id)
  LEFT JOIN sent AS s USING (experiment_id)
),
version AS (
  SELECT v.experiment_id,
    bool_or(v.design_hash = d.design_hash AND (s.began_at IS NULL OR v.changed_at <= s.began_at)) AS was_in_time,
    coalesce(bool_or(v.design_hash <> d.design_hash AND v.changed_at > s.began_at), false)
      OR arg_max(v.design_hash, (v.changed_at, v.command_id)) FILTER (WHERE s.began_at IS NOT NULL AND v.changed_at <= s.began_at)
         IS DISTINCT FROM CASE WHEN s.began_at IS NOT NULL THEN any_value(d.design_hash) END AS was_changed
  FROM dim_experiment AS v
  JOIN experiment_definition AS d USING (experiment_id)
  LEFT JOIN start AS s USING (experiment_id)
  WHERE $experiment IS NULL OR v.experiment_id = $experiment
  GROUP BY v.experiment_id, s.began_at
)
SELECT d.experiment_id, d.name, d.campaign_id, d.dimension, d.salt, d.metric, d.goal, d.age_h, d.longest_delay_h, d.currency,
  d.arms::VARCHAR AS arms, d.plan::VARCHAR AS plan, d.design_hash, d.are_weights_known, s.assigned_at, s.message_at,
  CASE WHEN d.plan IS NULL THEN 'none' WHEN v.was_in_time AND NOT v.was_changed THEN 'filed' ELSE 'late' END AS plan_state
FROM experiment_definition AS d
LEFT JOIN start AS s USING (experiment_id)
LEFT JOIN version AS v USING (experiment_id)
WHERE $experiment IS NULL OR d.experiment_id = $experiment
ORDER BY s.assigned_at DESC NULLS LAST, d.experiment_id;
