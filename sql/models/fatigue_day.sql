/*
name: fatigue_day
kind: table
layer: mart
refresh: 1h
grain: one day (UTC) x category x which message it was to the person in 1, 7 and 30 days
time_column: bucket_at
description: >
  What became of the n-th message to a person: delivered messages of the last 60 days outside of service, numbered by the person's deliveries in
  the day, week and month before, itself included. Where 90 days hold more than half a million messages, one person in so many is looked at
  (sampled), all their messages: rates stay right, counts are those of the sample.
columns:
  bucket_at: {description: day of the delivery, unit: UTC}
  category: marketing, utility or authentication; null when not known
  nth_1d: which message within 24 hours; 5 and more as 5
  nth_7d: which message within 7 days; 10 and more as 10
  nth_30d: which message within 30 days; 20 and more as 20
  sampled: one person in so many is looked at
  delivered: {description: delivered, unit: messages}
  read: {description: read, unit: messages}
  replied: {description: a counted reply within the window, unit: messages}
  unsubscribed: {description: credited with an opt-out, unit: messages}
  breaches: {description: "marketing messages beyond what people_setting allows in 1, 7 or 30 days", unit: messages}
  last_event_at: {description: newest delivery, unit: UTC}
*/

-- variable: fatigue_from
SELECT date_trunc('day', getvariable('as_of')) - to_days(90)

-- variable: sample_of
SELECT 1 + count(*) // 500000 FROM fact_message WHERE message_at >= getvariable('fatigue_from') AND delivered_at IS NOT NULL

-- variable: most_1d
SELECT max(value) FROM people_setting WHERE name = 'cap_1d'

-- variable: most_7d
SELECT max(value) FROM people_setting WHERE name = 'cap_7d'

-- variable: most_30d
SELECT max(value) FROM people_setting WHERE name = 'cap_30d'

-- temp: delivery
SELECT coalesce(p.contact, m.person_alias) AS person, m.message_key, m.delivered_at, m.category, m.read_at,
  coalesce(o.replied_at, CASE WHEN m.replied_at <= m.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) THEN m.replied_at END) AS answered_at,
  o.unsubscribed_at
FROM message_state AS m
LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('fatigue_from')) AS o ON o.message_key = m.message_key
WHERE m.message_at >= getvariable('fatigue_from') AND m.delivered_at IS NOT NULL AND m.person_alias IS NOT NULL
  AND m.kind IS DISTINCT FROM 'service'
  AND hash(coalesce(p.contact, m.person_alias)) % getvariable('sample_of') = 0

-- query
WITH numbered AS (
  SELECT *,
    count(*) OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS in_1d,
    count(*) OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS in_7d,
    count(*) OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) AS in_30d,
    count(*) FILTER (WHERE category = 'marketing') OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS marketing_1d,
    count(*) FILTER (WHERE category = 'marketing') OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS marketing_7d,
    count(*) FILTER (WHERE category = 'marketing') OVER (PARTITION BY person ORDER BY delivered_at RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) AS marketing_30d
  FROM delivery
)
SELECT
  date_trunc('day', delivered_at)::TIMESTAMP AS bucket_at,
  category,
  least(in_1d, 5) AS nth_1d,
  least(in_7d, 10) AS nth_7d,
  least(in_30d, 20) AS nth_30d,
  getvariable('sample_of') AS sampled,
  count(*) AS delivered,
  count(read_at) AS read,
  count(answered_at) AS replied,
  count(unsubscribed_at) AS unsubscribed,
  count(*) FILTER (WHERE category = 'marketing' AND (marketing_1d > getvariable('most_1d') OR marketing_7d > getvariable('most_7d')
    OR marketing_30d > getvariable('most_30d'))) AS breaches,
  max(delivered_at) AS last_event_at
FROM numbered
WHERE delivered_at >= getvariable('fatigue_from') + to_days(30)
GROUP BY date_trunc('day', delivered_at)::TIMESTAMP, category, least(in_1d, 5), least(in_7d, 10), least(in_30d, 20)

-- audit: every delivery of the people looked at is counted once
SELECT d.n AS deliveries, f.n AS counted
FROM (SELECT count(*) AS n FROM delivery WHERE delivered_at >= getvariable('fatigue_from') + to_days(30)) AS d,
  (SELECT coalesce(sum(delivered), 0) AS n FROM fatigue_day) AS f
WHERE d.n <> f.n

-- audit: where nobody is left out, it counts what the facts have
SELECT m.n AS in_facts, f.n AS counted
FROM (SELECT count(*) AS n FROM message_state
      WHERE delivered_at >= getvariable('fatigue_from') + to_days(30) AND message_at >= getvariable('fatigue_from')
        AND person_alias IS NOT NULL AND kind IS DISTINCT FROM 'service') AS m,
  (SELECT coalesce(sum(delivered), 0) AS n FROM fatigue_day) AS f
WHERE getvariable('sample_of') = 1 AND m.n <> f.n AND NOT EXISTS (FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message))
