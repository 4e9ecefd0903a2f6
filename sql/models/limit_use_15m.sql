/*
name: limit_use_15m
kind: table
layer: mart
refresh: 1h
grain: one quarter hour x portfolio, of the last 7 days
time_column: bucket_at
description: >
  Different people that a portfolio wrote to outside service windows in the 24 hours before the end of the quarter hour, against its limit. Messages that failed
  do not count. A sum over time makes no people; the ratio over time is the mean use.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  portfolio_id: business portfolio, null where the account is not registered
  people: {description: "different people in the 24 hours before the end, where a limit is known", unit: people}
  limit_people: {description: how many the platform allows; null without a limit, unit: people}
  people_all: {description: "different people, with or without a limit", unit: people}
  quarters: {description: quarter hours with a limit, unit: quarter hours}
  near_limit: {description: of those with more than 80 % of the limit used, unit: quarter hours}
  last_event_at: {description: newest message of the 24 hours, unit: UTC}
*/

-- variable: use_to
SELECT quarter_hour(getvariable('as_of')) + to_minutes(15)

-- temp: write
-- From 8 days before: 7 that are shown and the 24 hours before the first of them.
SELECT w.portfolio_id, coalesce(p.contact, m.person_alias) AS person, m.out_at
FROM message_state AS m
LEFT JOIN waba_portfolio AS w ON w.waba_id = m.waba_id
LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
WHERE m.message_at >= getvariable('use_to') - to_days(9) AND m.out_at >= getvariable('use_to') - to_days(8) AND m.out_at < getvariable('use_to')
  AND m.failed_at IS NULL AND m.person_alias IS NOT NULL AND m.kind IS DISTINCT FROM 'service'

-- temp: heard
SELECT coalesce(p.contact, i.alias_id) AS person, i.occurred_at
FROM (SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at FROM fact_inbound
      WHERE occurred_at >= getvariable('use_to') - to_days(9) AND group_id IS NULL AND counted_type NOT IN ('echo', 'system')) AS i
LEFT JOIN contact_period AS p ON p.alias_id = i.alias_id AND i.occurred_at >= p.valid_from AND i.occurred_at < p.valid_to

-- temp: covered
-- A person counts for 24 hours from each message: from the first after a gap, until 24 hours after the last before one.
WITH outside AS (
  SELECT w.portfolio_id, w.person, w.out_at
  FROM write AS w
  ASOF LEFT JOIN heard AS h ON h.person = w.person AND w.out_at >= h.occurred_at
  WHERE coalesce(w.out_at > h.occurred_at + to_hours(24), true)
),
near AS (
  SELECT *, lag(out_at) OVER one AS before_at, lead(out_at) OVER one AS next_at
  FROM outside
  WINDOW one AS (PARTITION BY portfolio_id, person ORDER BY out_at)
)
SELECT portfolio_id, out_at AS at_time, 1 AS step FROM near WHERE coalesce(before_at + to_hours(24) <= out_at, true)
UNION ALL
SELECT portfolio_id, out_at + to_hours(24), -1 FROM near WHERE coalesce(out_at + to_hours(24) <= next_at, true)

-- query
WITH portfolio AS (SELECT DISTINCT portfolio_id FROM covered),
quarter AS (
  SELECT portfolio_id, unnest(range(getvariable('use_to') - to_days(8), getvariable('use_to'), to_minutes(15))) AS bucket_at FROM portfolio
),
stepped AS (
  SELECT q.portfolio_id, q.bucket_at, coalesce(s.steps, 0) AS steps
  FROM quarter AS q
  LEFT JOIN (SELECT portfolio_id, quarter_hour(at_time) AS bucket_at, sum(step) AS steps FROM covered GROUP BY portfolio_id, quarter_hour(at_time)) AS s
    ON s.portfolio_id IS NOT DISTINCT FROM q.portfolio_id AND s.bucket_at = q.bucket_at
),
counted AS (
  SELECT portfolio_id, bucket_at, sum(steps) OVER (PARTITION BY portfolio_id ORDER BY bucket_at)::BIGINT AS people FROM stepped
)
SELECT
  c.bucket_at,
  c.portfolio_id,
  CASE WHEN l.limit_people IS NOT NULL THEN c.people END AS people,
  l.limit_people,
  c.people AS people_all,
  (l.limit_people IS NOT NULL)::BIGINT AS quarters,
  coalesce(c.people > 0.8 * l.limit_people, false)::BIGINT AS near_limit,
  (SELECT max(at_time) FROM covered WHERE step = 1) AS last_event_at
FROM counted AS c
LEFT JOIN portfolio_limit AS l ON l.portfolio_id = c.portfolio_id AND c.bucket_at >= l.valid_from AND c.bucket_at < l.valid_to
WHERE c.bucket_at >= getvariable('use_to') - to_days(7)

-- audit: at the end there are as many people as a plain count gives
SELECT u.portfolio_id, u.people_all, p.people
FROM (FROM limit_use_15m WHERE bucket_at = getvariable('use_to') - to_minutes(15)) AS u
JOIN (
  SELECT w.portfolio_id, count(DISTINCT w.person) AS people
  FROM write AS w
  ASOF LEFT JOIN heard AS h ON h.person = w.person AND w.out_at >= h.occurred_at
  WHERE w.out_at >= getvariable('use_to') - to_hours(24) AND coalesce(w.out_at > h.occurred_at + to_hours(24), true)
  GROUP BY w.portfolio_id
) AS p ON p.portfolio_id IS NOT DISTINCT FROM u.portfolio_id
WHERE u.people_all <> p.people

-- audit: nobody is counted below zero
SELECT bucket_at, portfolio_id, people_all FROM limit_use_15m WHERE people_all < 0
