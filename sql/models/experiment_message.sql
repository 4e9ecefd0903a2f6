/*
name: experiment_message
kind: incremental
layer: staging
key: [bucket_at, campaign_id]
touched: touched_bucket
changes: message
time_column: bucket_at
grain: one message of a campaign that is part of an experiment, to a person who has a name
description: What became of the messages of experiments, for the outcomes of people. People are named as the message names them.
columns:
  bucket_at: {description: start of the quarter hour of the message, unit: UTC}
  campaign_id: campaign
  message_key: the message
  alias_id: the recipient, by the strongest alias known on the message
  message_at: {description: its time, unit: UTC}
  delivered_at: {description: first proof of delivery, unit: UTC}
  read_at: {description: first proof of reading, unit: UTC}
  clicked_at: {description: first click or button tap tied to it, unit: UTC}
  replied_at: {description: first reply that counts for it, unit: UTC}
  failed_at: {description: failure without any proof of delivery, unit: UTC}
*/

-- temp: touched_bucket
-- Most quarter hours have no message of an experiment: then there is nothing to do.
SELECT bucket_at, campaign_id FROM touched_message SEMI JOIN experiment_definition USING (campaign_id)

-- query
SELECT
  m.bucket_at, m.campaign_id, m.message_key, m.person_alias AS alias_id, m.message_at, m.delivered_at, m.read_at, m.clicked_at,
  least(m.replied_at, o.replied_at) AS replied_at, m.failed_at
FROM message_state AS m
SEMI JOIN experiment_definition AS d ON d.campaign_id = m.campaign_id
LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')) AS o
  ON o.message_key = m.message_key
WHERE m.message_at >= getvariable('from_at') AND m.message_at < getvariable('to_at') AND m.person_alias IS NOT NULL

-- emit: changed_contact
WITH before AS (
  SELECT t.* FROM (FROM experiment_message WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')) AS t
  SEMI JOIN touched_bucket USING (bucket_at, campaign_id)
),
changed AS ((FROM before EXCEPT FROM experiment_message__next) UNION (FROM experiment_message__next EXCEPT FROM before))
SELECT alias_id, min(message_at) AS changed_at FROM changed GROUP BY alias_id

-- audit: a message is there once
SELECT message_key, count(*) AS copies FROM experiment_message
WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
GROUP BY message_key HAVING count(*) > 1
