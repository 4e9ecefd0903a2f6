-- A text for each experiment that changes with everything that its verdict goes by but the time; so that those that stayed as they were need
-- not be judged again. $at: now.
WITH counted AS (
  SELECT h.experiment_id,
    sum(hash(h.assigned_hour, h.arm_id, h.market, h.segment_id, h.people, h.crossed, h.contacted, h.read, h.replied, h.clicked, h.converted,
      h.unsubscribed, h.failed, h.negative_replies)) AS mark,
    sum(h.people) FILTER (WHERE matures_at(h.assigned_hour, d.longest_delay_h, d.age_h) <= $at::TIMESTAMP) AS mature,
    min(h.first_assigned_at) AS assigned_at
  FROM experiment_arm_1h AS h
  JOIN experiment_definition AS d USING (experiment_id)
  GROUP BY h.experiment_id
),
bought AS (
  SELECT r.experiment_id, sum(hash(r.assigned_hour, r.arm_id, r.revenue_class, r.people, r.revenue_mean, r.revenue_ss, r.before_mean, r.cross_ss)) AS mark
  FROM experiment_revenue_1h AS r
  WHERE r.experiment_id IN (SELECT experiment_id FROM experiment_definition WHERE metric = 'revenue')
  GROUP BY r.experiment_id
),
said AS (
  SELECT experiment_id, count(*) AS looks FROM fact_experiment_look GROUP BY experiment_id
)
SELECT d.experiment_id,
  concat_ws('/', d.design_hash, md5(d.arms::VARCHAR), c.mark, c.mature, b.mark, s.looks, v.versions,
    CASE WHEN d.plan IS NULL THEN floor(epoch($at::TIMESTAMP - c.assigned_at) / 86400)::BIGINT END) AS mark
FROM experiment_definition AS d
JOIN counted AS c USING (experiment_id)
LEFT JOIN bought AS b USING (experiment_id)
LEFT JOIN said AS s USING (experiment_id)
LEFT JOIN (SELECT experiment_id, count(*) AS versions FROM dim_experiment GROUP BY experiment_id) AS v USING (experiment_id)
ORDER BY d.experiment_id;
