/*
name: experiment_definition
kind: incremental
layer: staging
key: [experiment_id]
touched: changed_definition
grain: one experiment
description: >
  What each experiment is, by its newest registration. A campaign registered with two arms or more is one as well, and so is whatever people
  were assigned to without any registration: without a plan, about clicks within 24 hours, and of weights that nobody knows in the last case.
columns:
  experiment_id: experiment
  campaign_id: whose messages are the treatment
  name: as registered
  dimension: content, call_to_action, send_time or offer
  salt: goes into the hash that assigns people
  metric: primary metric; read, reply, click, conversion or revenue
  goal: only this goal is a conversion; null for any order or goal
  age_h: {description: in which a person's outcomes count, unit: hours}
  longest_delay_h: {description: between the assignment and the latest arm's send, unit: hours}
  currency: only orders in it count as revenue; null for any
  arms: list of arms as JSON, in their order
  plan: plan as JSON, null without one
  design_hash: of what must not change once people are in
  are_weights_known: false when it is known from assignments alone
  changed_at: {description: when it was registered so or first assigned to, unit: UTC}
*/

-- temp: assigned_experiment
-- Experiments that nobody registered, and that people who have changed were put into; those without any change stay as they are.
SELECT DISTINCT experiment_id FROM fact_assignment
WHERE (getvariable('full_build') OR contact_alias IN (SELECT alias_id FROM touched_contact))
  AND experiment_id NOT IN (SELECT experiment_id FROM dim_experiment)

-- temp: newest_definition
WITH campaign AS (
  SELECT campaign_id, command_id, changed_at, name FROM dim_campaign
  QUALIFY row_number() OVER (PARTITION BY campaign_id ORDER BY changed_at DESC, command_id DESC) = 1
),
by_campaign AS (
  SELECT c.campaign_id AS experiment_id, c.campaign_id, c.name, 'content' AS dimension, c.campaign_id AS salt, 'click' AS metric,
    NULL::VARCHAR AS goal, 24 AS age_h, NULL::VARCHAR AS currency,
    to_json(list({id: v.variant_id, name: v.name, weight: v.weight, holdout: v.is_holdout, send_after_hours: 0} ORDER BY v.variant_id)) AS arms,
    NULL::JSON AS plan, c.changed_at
  FROM campaign AS c JOIN dim_variant AS v ON v.campaign_id = c.campaign_id AND v.command_id = c.command_id
  WHERE c.campaign_id NOT IN (SELECT experiment_id FROM dim_experiment)
  GROUP BY c.campaign_id, c.name, c.changed_at
  HAVING count(*) > 1
),
registered AS (
  SELECT experiment_id, campaign_id, name, dimension, salt, metric, goal, age_h, currency, arms, plan, design_hash, changed_at
  FROM dim_experiment
  QUALIFY row_number() OVER (PARTITION BY experiment_id ORDER BY changed_at DESC, command_id DESC) = 1
),
assigned_arm AS (
  SELECT experiment_id, arm_id, bool_or(is_holdout) AS is_holdout, min(assigned_at) AS assigned_at
  FROM fact_assignment SEMI JOIN assigned_experiment USING (experiment_id)
  GROUP BY experiment_id, arm_id
),
by_assignment AS (
  -- An arm called "control" comes first, so that the others are compared with it; else the first by name.
  SELECT experiment_id, experiment_id AS campaign_id, experiment_id AS name, 'content' AS dimension, experiment_id AS salt, 'click' AS metric,
    NULL::VARCHAR AS goal, 24 AS age_h, NULL::VARCHAR AS currency,
    to_json(list({id: arm_id, weight: 1, holdout: is_holdout, send_after_hours: 0} ORDER BY lower(arm_id) <> 'control', arm_id)) AS arms,
    NULL::JSON AS plan, min(assigned_at) AS changed_at
  FROM assigned_arm
  WHERE experiment_id NOT IN (SELECT experiment_id FROM by_campaign)
  GROUP BY experiment_id
)
SELECT experiment_id, campaign_id, name, dimension, salt, metric, goal, age_h,
  coalesce(list_max(from_json(arms, '[{"send_after_hours":"INTEGER"}]').list_transform(lambda a: a.send_after_hours)), 0) AS longest_delay_h,
  currency, arms, plan, design_hash, are_weights_known, changed_at
FROM (
  SELECT *, true AS are_weights_known FROM registered
  UNION ALL BY NAME
  SELECT *, true AS are_weights_known, md5(experiment_id || arms::VARCHAR) AS design_hash FROM by_campaign
  UNION ALL BY NAME
  SELECT *, false AS are_weights_known, md5(experiment_id || arms::VARCHAR) AS design_hash FROM by_assignment
)

-- temp: changed_definition
SELECT experiment_id FROM (SELECT * FROM newest_definition EXCEPT SELECT * FROM experiment_definition)

-- temp: changed_measure
-- Of these the people's outcomes have to be counted anew.
SELECT n.experiment_id, n.campaign_id
FROM newest_definition AS n
LEFT JOIN experiment_definition AS o USING (experiment_id)
WHERE (n.campaign_id, n.goal, n.age_h, n.currency, n.arms::VARCHAR)
   IS DISTINCT FROM (o.campaign_id, o.goal, o.age_h, o.currency, o.arms::VARCHAR)

-- query
SELECT experiment_id, campaign_id, name, dimension, salt, metric, goal, age_h, longest_delay_h, currency, arms, plan, design_hash,
  are_weights_known, changed_at
FROM newest_definition

-- emit: changed_message
SELECT DISTINCT quarter_hour(message_at) AS bucket_at, campaign_id
FROM fact_message SEMI JOIN changed_measure USING (campaign_id)

-- emit: changed_contact
SELECT contact_alias AS alias_id, min(assigned_at) AS changed_at
FROM fact_assignment SEMI JOIN changed_measure USING (experiment_id)
GROUP BY contact_alias

-- audit: one row an experiment
SELECT experiment_id, count(*) AS copies FROM experiment_definition GROUP BY experiment_id HAVING count(*) > 1
