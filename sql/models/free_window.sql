/*
name: free_window
kind: incremental
layer: staging
key: [alias_id, phone_number_id]
touched: touched_window
changes: contact
grain: one person's alias x number x interval in which that person had opened a window
description: >
  Customer service windows (24 hours from each message of the person) and free entry points: somebody came through an ad or a page's button and was answered
  within 24 hours; from that answer on, as long as the rules of the time say. Windows that touch are one. Only used where the platform said nothing about a price.
columns:
  alias_id: phone number or user id, by its surrogate
  phone_number_id: number of the business
  kind: service or entry
  opened_at: {description: first instant, unit: UTC}
  closed_at: {description: first instant that is out again, unit: UTC}
*/

-- temp: opening
SELECT DISTINCT unnest([phone_alias, user_alias]) AS alias_id, coalesce(phone_number_id, '') AS phone_number_id, occurred_at,
  referral_source IS NOT NULL OR ctwa_clid IS NOT NULL AS referred
FROM fact_inbound
WHERE group_id IS NULL AND counted_type NOT IN ('reaction_removed', 'edit', 'revoke', 'system', 'echo')
  AND (getvariable('full_build') OR phone_alias IN (SELECT alias_id FROM touched_contact) OR user_alias IN (SELECT alias_id FROM touched_contact))

-- temp: touched_window
-- Those that are there too: what opened them may be told of somebody else by now.
SELECT DISTINCT alias_id, phone_number_id FROM opening
WHERE alias_id IS NOT NULL AND (getvariable('full_build') OR alias_id IN (SELECT alias_id FROM touched_contact))
UNION
SELECT alias_id, phone_number_id FROM free_window WHERE alias_id IN (SELECT alias_id FROM touched_contact)

-- variable: answer_from
SELECT coalesce(min(occurred_at), TIMESTAMP 'infinity') FROM opening WHERE referred

-- temp: answer
SELECT o.alias_id, o.phone_number_id, o.occurred_at, min(m.message_at) AS answered_at
FROM (FROM opening WHERE referred) AS o
JOIN (
  SELECT phone_alias AS alias_id, coalesce(phone_number_id, '') AS phone_number_id, message_at FROM fact_message
  WHERE message_at >= getvariable('answer_from') AND delivered_at IS NOT NULL AND phone_alias IN (SELECT alias_id FROM opening WHERE referred)
  UNION ALL
  SELECT user_alias, coalesce(phone_number_id, ''), message_at FROM fact_message
  WHERE message_at >= getvariable('answer_from') AND delivered_at IS NOT NULL AND user_alias IN (SELECT alias_id FROM opening WHERE referred)
) AS m
  ON m.alias_id = o.alias_id AND m.phone_number_id = o.phone_number_id
 AND m.message_at >= o.occurred_at AND m.message_at <= o.occurred_at + to_hours(24)
GROUP BY o.alias_id, o.phone_number_id, o.occurred_at

-- query
WITH span AS (
  SELECT alias_id, phone_number_id, 'service' AS kind, occurred_at AS opened_at, occurred_at + to_hours(24) AS closed_at
  FROM opening WHERE alias_id IS NOT NULL
  UNION ALL
  SELECT a.alias_id, a.phone_number_id, 'entry', a.answered_at, a.answered_at + to_hours(r.entry_window_hours)
  FROM answer AS a
  JOIN price_rule AS r ON a.answered_at >= r.valid_from AND a.answered_at < r.valid_to AND r.entry_window_hours > 0
),
opened AS (
  SELECT *,
    coalesce(opened_at > max(closed_at) OVER (PARTITION BY alias_id, phone_number_id, kind ORDER BY opened_at, closed_at
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS opens
  FROM span
),
numbered AS (
  SELECT *, count(*) FILTER (WHERE opens) OVER (PARTITION BY alias_id, phone_number_id, kind ORDER BY opened_at, closed_at ROWS UNBOUNDED PRECEDING) AS island
  FROM opened
)
SELECT alias_id, phone_number_id, kind, min(opened_at) AS opened_at, max(closed_at) AS closed_at
FROM numbered
GROUP BY alias_id, phone_number_id, kind, island

-- emit: changed_message
WITH before AS (SELECT alias_id, phone_number_id, kind, opened_at, closed_at FROM free_window SEMI JOIN touched_window USING (alias_id, phone_number_id)),
now AS (SELECT alias_id, phone_number_id, kind, opened_at, closed_at FROM free_window__next),
changed AS ((FROM before EXCEPT FROM now) UNION (FROM now EXCEPT FROM before)),
span AS (SELECT alias_id, min(opened_at) AS from_at, max(closed_at) AS to_at FROM changed GROUP BY alias_id),
-- As bounds of one value each these are handed to the scan while the query runs; without a change it reads nothing. The longest time
-- to live of a message is 30 days: no delivery comes later than that after its request.
message AS NOT MATERIALIZED (
  SELECT phone_alias, user_alias, message_at, delivered_at, campaign_id
  FROM fact_message
  WHERE pricing_type IS NULL AND billable IS NULL
    AND message_at >= (SELECT coalesce(min(from_at), TIMESTAMP 'infinity') - to_days(30) FROM span)
    AND message_at < (SELECT coalesce(max(to_at), TIMESTAMP '-infinity') FROM span)
)
-- Messages without a stated price that were delivered in between.
SELECT quarter_hour(m.message_at) AS bucket_at, m.campaign_id
FROM message AS m JOIN span AS s ON s.alias_id = m.phone_alias AND m.delivered_at >= s.from_at AND m.delivered_at < s.to_at
UNION
SELECT quarter_hour(m.message_at), m.campaign_id
FROM message AS m JOIN span AS s ON s.alias_id = m.user_alias AND m.delivered_at >= s.from_at AND m.delivered_at < s.to_at

-- audit: windows of a kind do not overlap
SELECT alias_id, phone_number_id, kind, opened_at
FROM (SELECT *, lead(opened_at) OVER (PARTITION BY alias_id, phone_number_id, kind ORDER BY opened_at) AS next_at FROM free_window
      WHERE getvariable('full_build') OR alias_id IN (SELECT alias_id FROM touched_contact))
WHERE closed_at <= opened_at OR next_at <= closed_at
