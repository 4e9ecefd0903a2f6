/*
name: age_15m
kind: table
layer: mart
refresh: 15m
grain: one quarter hour x campaign x category x age
time_column: bucket_at
description: >
  How far the messages of a quarter hour had come by an age: attempted messages of the last 40 days that are at least so old, and how many of
  them were delivered, read and replied to by then. The age counts from the message's time. Where there are more than half a million messages, an
  even part of them is looked at (sampled): shares stay right, counts are those of the sample.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  campaign_id: campaign
  category: marketing, utility, authentication or service; null when not known
  age: of the messages, in minutes
  sampled: one message in so many is looked at
  aged: {description: "attempted, and at least so old", unit: messages}
  delivered: {description: of those delivered by the age, unit: messages}
  read: {description: of those read by the age, unit: messages}
  replied: {description: of those with a counted reply by the age, unit: messages}
  last_event_at: {description: newest message, unit: UTC}
*/

-- variable: age_from
SELECT date_trunc('day', getvariable('as_of')) - to_days(40)

-- variable: age_part
SELECT 1 + count(*) // 500000 FROM fact_message WHERE message_at >= getvariable('age_from')

-- temp: aged_message
SELECT m.bucket_at, m.message_at, m.campaign_id, m.category,
  date_diff('second', m.message_at, getvariable('as_of')) AS age_s,
  date_diff('second', m.message_at, m.delivered_at) AS delivered_s,
  date_diff('second', m.message_at, m.read_at) AS read_s,
  date_diff('second', m.message_at, least(o.replied_at,
    CASE WHEN m.replied_at <= m.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) THEN m.replied_at END)) AS replied_s
FROM message_state AS m
LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('age_from')) AS o ON o.message_key = m.message_key
WHERE m.message_at >= getvariable('age_from') AND m.attempted AND hash(m.message_key) % getvariable('age_part') = 0

-- query
WITH step AS (SELECT unnest([2, 5, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320]) AS age)
SELECT
  m.bucket_at,
  m.campaign_id,
  m.category,
  s.age,
  getvariable('age_part') AS sampled,
  count(*) AS aged,
  count(*) FILTER (WHERE m.delivered_s <= s.age * 60) AS delivered,
  count(*) FILTER (WHERE m.read_s <= s.age * 60) AS read,
  count(*) FILTER (WHERE m.replied_s <= s.age * 60) AS replied,
  max(m.message_at) AS last_event_at
FROM aged_message AS m
JOIN step AS s ON m.age_s >= s.age * 60
GROUP BY m.bucket_at, m.campaign_id, m.category, s.age

-- audit: no step passes the one before it
SELECT * FROM age_15m WHERE delivered > aged OR read > delivered OR replied > delivered LIMIT 10

-- audit: every message that is old enough is counted at each age
SELECT f.n AS looked_at, a.n AS counted
FROM (SELECT count(*) AS n FROM aged_message WHERE age_s >= 3600) AS f,
  (SELECT coalesce(sum(aged), 0) AS n FROM age_15m WHERE age = 60) AS a
WHERE f.n <> a.n

-- audit: where none is left out, it counts what the facts have
SELECT f.n AS in_facts, a.n AS counted
FROM (SELECT count(*) AS n FROM message_state
      WHERE message_at >= getvariable('age_from') AND attempted AND delivered_at <= message_at + to_minutes(60)
        AND date_diff('second', message_at, getvariable('as_of')) >= 3600) AS f,
  (SELECT coalesce(sum(delivered), 0) AS n FROM age_15m WHERE age = 60) AS a
WHERE getvariable('age_part') = 1 AND f.n <> a.n AND NOT EXISTS (FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message))
