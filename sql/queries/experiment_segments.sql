-- Mature people and outcomes of one experiment by segment and arm. $experiment: its id; $at: now.
SELECT
  h.segment_id,
  h.arm_id,
  sum(h.people)::DOUBLE AS people,
  sum(h.messages)::DOUBLE AS messages,
  sum(h.read)::DOUBLE AS read,
  sum(h.replied)::DOUBLE AS replied,
  sum(h.clicked)::DOUBLE AS clicked,
  sum(h.converted)::DOUBLE AS converted,
  sum(h.unsubscribed)::DOUBLE AS unsubscribed
FROM experiment_arm_1h AS h
JOIN experiment_definition AS d USING (experiment_id)
WHERE h.experiment_id = $experiment AND matures_at(h.assigned_hour, d.longest_delay_h, d.age_h) <= $at::TIMESTAMP
GROUP BY h.segment_id, h.arm_id
ORDER BY h.segment_id, h.arm_id;
