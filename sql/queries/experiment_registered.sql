-- One experiment as it was registered last, by itself or as a campaign with arms; its first assignment, and the first message of its campaign
-- since it was registered first. $experiment: its id.
WITH registered AS (
  SELECT experiment_id, campaign_id, name, dimension, salt, metric, goal, age_h, currency, arms::VARCHAR AS arms, plan::VARCHAR AS plan, design_hash
  FROM dim_experiment
  WHERE experiment_id = $experiment
  ORDER BY changed_at DESC, command_id DESC
  LIMIT 1
),
campaign AS (
  SELECT campaign_id, command_id, name FROM dim_campaign WHERE campaign_id = $experiment ORDER BY changed_at DESC, command_id DESC LIMIT 1
),
by_campaign AS (
  SELECT c.campaign_id AS experiment_id, c.campaign_id, c.name, 'content' AS dimension, c.campaign_id AS salt, 'click' AS metric,
    NULL::VARCHAR AS goal, 24 AS age_h, NULL::VARCHAR AS currency,
    to_json(list({id: v.variant_id, name: v.name, weight: v.weight, holdout: v.is_holdout, send_after_hours: 0} ORDER BY v.variant_id))::VARCHAR AS arms,
    NULL::VARCHAR AS plan, 'campaign' AS design_hash
  FROM campaign AS c JOIN dim_variant AS v ON v.campaign_id = c.campaign_id AND v.command_id = c.command_id
  WHERE NOT EXISTS (FROM registered)
  GROUP BY c.campaign_id, c.name
  HAVING count(*) > 1
)
SELECT r.*, true AS are_weights_known, (SELECT min(assigned_at) FROM fact_assignment WHERE experiment_id = $experiment) AS assigned_at,
  (SELECT min(message_at) FROM fact_message
   WHERE campaign_id = (SELECT campaign_id FROM registered)
     AND message_at >= (SELECT min(changed_at) FROM dim_experiment WHERE experiment_id = $experiment)) AS message_at,
  0 AS longest_delay_h, CASE WHEN r.plan IS NULL THEN 'none' ELSE 'filed' END AS plan_state
FROM (FROM registered UNION ALL FROM by_campaign) AS r;
