/*
name: tier_step
kind: incremental
layer: staging
key: [counts_for, price_category, month]
touched: touched_tier
grain: one account of volume x category x month x volume passed
description: >
  From which message on a month's volume has passed the bounds of tiers and free allowances. Messages are counted in the order of their charge, equal times by their
  key. Only months that passed a bound have rows: in all others every message is of the first tier.
columns:
  counts_for: whose volume
  price_category: as on the rate card
  month: {description: first day of the month by the clock of the account, unit: UTC}
  passed: {description: bound that the messages have passed, unit: messages}
  from_at: {description: charge of the first message beyond the bound, unit: UTC}
  from_key: its message key
  to_at: {description: charge of the first message beyond the next bound, unit: UTC}
  to_key: its message key; empty when there is none
  before: {description: messages of the month charged before the quarter hour of from_at, unit: messages}
  mark: changes whenever the messages of that quarter hour or their times do
*/

-- temp: tier_bound
SELECT DISTINCT category AS price_category, from_messages AS passed FROM country_rate WHERE from_messages > 0

-- temp: tier_crossing
-- The quarter hour in which each bound was passed.
WITH month_total AS (
  SELECT counts_for, price_category, month FROM tier_volume
  GROUP BY counts_for, price_category, month
  HAVING sum(messages) > (SELECT min(passed) FROM tier_bound)
),
bucket AS (
  SELECT counts_for, price_category, month, charged_bucket, sum(messages)::BIGINT AS messages, bit_xor(mark) AS mark
  FROM tier_volume SEMI JOIN month_total USING (counts_for, price_category, month)
  GROUP BY counts_for, price_category, month, charged_bucket
),
running AS (
  SELECT *, coalesce(sum(messages) OVER (PARTITION BY counts_for, price_category, month ORDER BY charged_bucket
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS before
  FROM bucket
)
SELECT r.counts_for, r.price_category, r.month, b.passed, r.charged_bucket, r.before, r.mark
FROM running AS r
JOIN tier_bound AS b ON b.price_category = r.price_category AND b.passed >= r.before AND b.passed < r.before + r.messages

-- temp: touched_tier
SELECT counts_for, price_category, month
FROM (
  (SELECT counts_for, price_category, month, passed, before, mark FROM tier_crossing
   EXCEPT SELECT counts_for, price_category, month, passed, before, mark FROM tier_step)
  UNION ALL
  (SELECT counts_for, price_category, month, passed, before, mark FROM tier_step
   EXCEPT SELECT counts_for, price_category, month, passed, before, mark FROM tier_crossing)
)
GROUP BY counts_for, price_category, month

-- variable: ranked_tiers
SELECT CASE WHEN getvariable('full_build') THEN 'tier_crossing' ELSE 'touched_tier' END

-- temp: ranked_crossing
-- A full build has no touched keys: all are ranked.
SELECT c.* FROM tier_crossing AS c SEMI JOIN query_table(getvariable('ranked_tiers')) AS t USING (counts_for, price_category, month)

-- variable: from_at
SELECT coalesce(min(charged_bucket), TIMESTAMP 'infinity') FROM ranked_crossing

-- variable: to_at
SELECT coalesce(max(charged_bucket) + INTERVAL 15 MINUTE, TIMESTAMP '-infinity') FROM ranked_crossing

-- temp: crossing_message
SELECT m.message_key, m.charged_at, m.counts_for, m.price_category, m.month, quarter_hour(m.charged_at) AS charged_bucket
FROM (
  FROM message_charge
  WHERE charged_at >= getvariable('from_at') AND charged_at < getvariable('to_at')
    -- The longest time to live of a message: no delivery comes later than that after its request.
    AND message_at >= getvariable('from_at') - to_days(31) AND message_at < getvariable('to_at')
    AND quarter_hour(charged_at) IN (SELECT charged_bucket FROM ranked_crossing)
) AS m
SEMI JOIN ranked_crossing AS c
  ON c.counts_for = m.counts_for AND c.price_category = m.price_category AND c.month = m.month AND c.charged_bucket = quarter_hour(m.charged_at)

-- query
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY counts_for, price_category, month, charged_bucket ORDER BY charged_at, message_key) AS rank
  FROM crossing_message
),
step AS (
  SELECT c.counts_for, c.price_category, c.month, c.passed, r.charged_at AS from_at, r.message_key AS from_key, c.before, c.mark
  FROM ranked_crossing AS c
  JOIN ranked AS r
    ON r.counts_for = c.counts_for AND r.price_category = c.price_category AND r.month = c.month AND r.charged_bucket = c.charged_bucket
   AND r.rank = c.passed - c.before + 1
)
SELECT
  counts_for, price_category, month, passed, from_at, from_key,
  coalesce(lead(from_at) OVER following, TIMESTAMP 'infinity') AS to_at,
  coalesce(lead(from_key) OVER following, '') AS to_key,
  before, mark
FROM step
WINDOW following AS (PARTITION BY counts_for, price_category, month ORDER BY passed)

-- emit: changed_message
WITH old AS (SELECT counts_for, price_category, month, passed, from_at, from_key FROM tier_step SEMI JOIN touched_tier USING (counts_for, price_category, month)),
fresh AS (SELECT counts_for, price_category, month, passed, from_at, from_key FROM tier_step__next),
-- Messages charged between the old and the new place of a bound change their price.
moved AS (
  SELECT counts_for, price_category, month,
    least(o.from_at, n.from_at) AS from_at,
    CASE WHEN o.from_at IS NULL OR n.from_at IS NULL THEN TIMESTAMP 'infinity' ELSE greatest(o.from_at, n.from_at) END AS to_at
  FROM old AS o FULL JOIN fresh AS n USING (counts_for, price_category, month, passed)
  WHERE (o.from_at, o.from_key) IS DISTINCT FROM (n.from_at, n.from_key)
)
SELECT DISTINCT v.bucket_at, v.campaign_id
FROM tier_volume AS v
JOIN moved AS m USING (counts_for, price_category, month)
WHERE v.charged_bucket >= quarter_hour(m.from_at) AND v.charged_bucket <= m.to_at

-- audit: bounds are passed in their order
SELECT counts_for, price_category, month, passed FROM tier_step WHERE (to_at, to_key) < (from_at, from_key) AND to_key <> ''

-- audit: every bound that was passed has its message
SELECT counts_for, price_category, month, passed FROM tier_crossing ANTI JOIN tier_step USING (counts_for, price_category, month, passed)
