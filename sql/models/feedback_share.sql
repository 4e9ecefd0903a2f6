/*
name: feedback_share
kind: view
layer: staging
grain: one step of a message x category x quarter hour of the last ten days before the newest build of the funnel, and the hour after
time_column: bucket_at
description: >
  The share of a step's events that is expected by now for messages that began evenly through a quarter hour: the mean of F (delay_curve)
  over their ages. Older messages have no row: all is expected to be in.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  category: as in delay_curve
  signal: step of a message
  share: {description: expected by now, unit: share}
*/
WITH clock AS (SELECT max(built_at) AS as_of FROM model_state WHERE model = 'funnel_15m'),
young AS (
  SELECT bucket_at, hour(bucket_at) AS hour,
    greatest(date_diff('second', bucket_at, as_of) / 60.0 - 15, 0) AS youngest, greatest(date_diff('second', bucket_at, as_of) / 60.0, 0) AS oldest
  FROM (SELECT as_of, unnest(range(quarter_hour(as_of) - to_days(10), as_of + to_hours(1), to_minutes(15))) AS bucket_at FROM clock WHERE as_of IS NOT NULL)
),
bound AS (
  SELECT bucket_at, hour, youngest, oldest - youngest AS width, unnest([youngest, oldest]) AS age, unnest([-1, 1]) AS sign FROM young
),
-- The line on which an age lies is found once for all curves: they have the same ages.
placed AS (
  SELECT b.bucket_at, b.hour, b.youngest, b.width, b.sign, b.age - p.minutes AS further, p.minutes
  FROM bound AS b ASOF JOIN (SELECT DISTINCT minutes FROM delay_curve) AS p ON b.age >= p.minutes
),
-- The curve of the category and hour, else of the category, else over all.
chosen AS (
  SELECT g.signal, g.category, g.hour, coalesce(o.category, c.category, '*') AS curve_category, coalesce(o.hour, -1) AS curve_hour
  FROM (SELECT signal, category, unnest(range(24)) AS hour
        FROM (SELECT signal, unnest(['marketing', 'utility', 'authentication', 'service', '']) AS category FROM (SELECT DISTINCT signal FROM delay_curve))) AS g
  LEFT JOIN (SELECT DISTINCT signal, category, hour FROM delay_curve) AS o ON o.signal = g.signal AND o.category = g.category AND o.hour = g.hour
  LEFT JOIN (SELECT DISTINCT signal, category FROM delay_curve) AS c ON c.signal = g.signal AND c.category = g.category
)
SELECT p.bucket_at, h.category, h.signal,
  CASE WHEN max(p.width) > 0 THEN sum(p.sign * (c.area + p.further * (c.share + p.further * c.slope / 2))) / max(p.width) ELSE 0 END AS share
FROM placed AS p
JOIN chosen AS h ON h.hour = p.hour
JOIN delay_curve AS c ON c.signal = h.signal AND c.category = h.curve_category AND c.hour = h.curve_hour AND c.minutes = p.minutes
-- After three days only orders and goals are still expected.
WHERE h.signal = 'converted' OR p.youngest < 4320
GROUP BY p.bucket_at, h.category, h.signal

-- audit: a share lies between nothing and all
SELECT bucket_at, category, signal, share FROM feedback_share WHERE share IS NULL OR share < -1e-9 OR share > 1 + 1e-9
