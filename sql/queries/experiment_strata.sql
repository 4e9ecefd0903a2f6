-- People of experiments by market, segment and arm, and what those did whose whole window has passed. $experiments: JSON list of ids; $at: now.
WITH cell AS (
  SELECT h.*, matures_at(h.assigned_hour, d.longest_delay_h, d.age_h) <= $at::TIMESTAMP AS is_mature
  FROM experiment_arm_1h AS h
  JOIN experiment_definition AS d USING (experiment_id)
  WHERE h.experiment_id IN (SELECT unnest(from_json($experiments, '["VARCHAR"]')))
)
SELECT
  experiment_id,
  market,
  segment_id,
  arm_id,
  sum(people + crossed)::DOUBLE AS people,
  coalesce(sum(people) FILTER (WHERE is_mature), 0)::DOUBLE AS mature,
  coalesce(sum(read) FILTER (WHERE is_mature), 0)::DOUBLE AS read,
  coalesce(sum(replied) FILTER (WHERE is_mature), 0)::DOUBLE AS replied,
  coalesce(sum(clicked) FILTER (WHERE is_mature), 0)::DOUBLE AS clicked,
  coalesce(sum(converted) FILTER (WHERE is_mature), 0)::DOUBLE AS converted,
  coalesce(sum(unsubscribed) FILTER (WHERE is_mature), 0)::DOUBLE AS unsubscribed,
  coalesce(sum(failed) FILTER (WHERE is_mature), 0)::DOUBLE AS failed,
  coalesce(sum(negative_replies) FILTER (WHERE is_mature), 0)::DOUBLE AS negative_replies
FROM cell
GROUP BY experiment_id, market, segment_id, arm_id
ORDER BY experiment_id, market, segment_id, arm_id;
