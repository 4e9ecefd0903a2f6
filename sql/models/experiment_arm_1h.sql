/*
name: experiment_arm_1h
kind: incremental
layer: mart
key: [experiment_id, assigned_hour]
touched: touched_experiment
changes: experiment
time_column: assigned_hour
grain: one experiment x hour of assignment x arm x market x segment
description: >
  What the people assigned in an hour did within their windows. An hour is mature when the window of its last person has passed, so
  time passing changes no row. Those in several arms are counted apart and nowhere else.
columns:
  experiment_id: experiment
  assigned_hour: {description: hour of the assignment, unit: UTC}
  arm_id: arm
  market: the platform's market
  segment_id: segment at the assignment
  people: {description: assigned to this arm alone, unit: people}
  crossed: {description: assigned to several arms, unit: people}
  contacted: {description: "of the people, those that a message was requested for", unit: people}
  delivered: {description: reached by one, unit: people}
  messages: {description: requested for them, unit: messages}
  read: {description: read one, unit: people}
  replied: {description: replied to one, unit: people}
  clicked: {description: clicked, unit: people}
  converted: {description: ordered or reached the goal, unit: people}
  unsubscribed: {description: opted out, unit: people}
  failed: {description: a message to them failed, unit: people}
  negative_replies: {description: wrote a stop word or tapped a stop button, unit: people}
  first_assigned_at: {description: first of the assignments, unit: UTC}
  first_message_at: {description: first of the messages, unit: UTC}
*/
SELECT
  experiment_id,
  assigned_hour,
  arm_id,
  market,
  segment_id,
  count(*) FILTER (WHERE NOT is_crossed) AS people,
  count(*) FILTER (WHERE is_crossed) AS crossed,
  count(*) FILTER (WHERE NOT is_crossed AND messages > 0) AS contacted,
  count(*) FILTER (WHERE NOT is_crossed AND is_delivered) AS delivered,
  coalesce(sum(messages) FILTER (WHERE NOT is_crossed), 0)::BIGINT AS messages,
  count(*) FILTER (WHERE NOT is_crossed AND has_read) AS read,
  count(*) FILTER (WHERE NOT is_crossed AND has_replied) AS replied,
  count(*) FILTER (WHERE NOT is_crossed AND has_clicked) AS clicked,
  count(*) FILTER (WHERE NOT is_crossed AND has_converted) AS converted,
  count(*) FILTER (WHERE NOT is_crossed AND has_unsubscribed) AS unsubscribed,
  count(*) FILTER (WHERE NOT is_crossed AND has_failed) AS failed,
  count(*) FILTER (WHERE NOT is_crossed AND has_negative_reply) AS negative_replies,
  min(assigned_at) AS first_assigned_at,
  min(first_message_at) AS first_message_at
FROM experiment_person
WHERE getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment)
GROUP BY experiment_id, assigned_hour, arm_id, market, segment_id
-- So that one experiment's rows lie together and the others are not read.
ORDER BY experiment_id, assigned_hour

-- audit: every person is counted once
SELECT experiment_id, assigned_hour, sum(in_model) AS in_model, sum(in_mart) AS in_mart
FROM (
  SELECT experiment_id, assigned_hour, 1 AS in_model, 0 AS in_mart FROM experiment_person
  WHERE getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment)
  UNION ALL
  SELECT experiment_id, assigned_hour, 0, people + crossed FROM experiment_arm_1h
  WHERE getvariable('full_build') OR (experiment_id, assigned_hour) IN (SELECT (experiment_id, assigned_hour) FROM touched_experiment)
)
GROUP BY experiment_id, assigned_hour
HAVING sum(in_model) <> sum(in_mart)
