-- What the people of experiments did, by span of assignment (an hour, or a day of longer experiments) and arm. An hour is mature when
-- the window of its last person has passed. $experiment: one id, or NULL for all; $at: now.
WITH span AS (
  SELECT experiment_id, max(assigned_hour) - min(assigned_hour) > INTERVAL 4 DAY AS by_day
  FROM experiment_arm_1h
  WHERE $experiment IS NULL OR experiment_id = $experiment
  GROUP BY experiment_id
),
hour AS (
  SELECT h.*, CASE WHEN s.by_day THEN date_trunc('day', h.assigned_hour) ELSE h.assigned_hour END AS step_at,
    matures_at(h.assigned_hour, d.longest_delay_h, d.age_h) <= $at::TIMESTAMP AS is_mature,
    h.assigned_hour > $at::TIMESTAMP - INTERVAL 7 DAY AS is_recent
  FROM experiment_arm_1h AS h
  JOIN span AS s USING (experiment_id)
  JOIN experiment_definition AS d USING (experiment_id)
)
SELECT
  experiment_id,
  epoch_ms(step_at)::DOUBLE AS step_ms,
  arm_id,
  sum(people)::DOUBLE AS people,
  sum(crossed)::DOUBLE AS crossed,
  sum(contacted)::DOUBLE AS contacted,
  sum(delivered)::DOUBLE AS delivered,
  sum(messages)::DOUBLE AS messages,
  sum(unsubscribed)::DOUBLE AS unsubscribed_so_far,
  sum(failed)::DOUBLE AS failed_so_far,
  sum(negative_replies)::DOUBLE AS negative_replies_so_far,
  coalesce(sum(people) FILTER (WHERE is_mature), 0)::DOUBLE AS mature,
  coalesce(sum(read) FILTER (WHERE is_mature), 0)::DOUBLE AS read,
  coalesce(sum(replied) FILTER (WHERE is_mature), 0)::DOUBLE AS replied,
  coalesce(sum(clicked) FILTER (WHERE is_mature), 0)::DOUBLE AS clicked,
  coalesce(sum(converted) FILTER (WHERE is_mature), 0)::DOUBLE AS converted,
  coalesce(sum(unsubscribed) FILTER (WHERE is_mature), 0)::DOUBLE AS unsubscribed,
  coalesce(sum(failed) FILTER (WHERE is_mature), 0)::DOUBLE AS failed,
  coalesce(sum(negative_replies) FILTER (WHERE is_mature), 0)::DOUBLE AS negative_replies,
  coalesce(sum(people) FILTER (WHERE is_recent), 0)::DOUBLE AS recent_people
FROM hour
GROUP BY experiment_id, step_at, arm_id
ORDER BY experiment_id, step_at, arm_id;
