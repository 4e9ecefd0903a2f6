/*
name: delay_curve
kind: table
layer: staging
refresh: 5m
grain: one step of a message x category x hour of the day x age; also over all hours, and over all categories
description: >
  How feedback comes in after a message's time: the share F of what comes at all that is there by an age, as straight lines between points.
  Learned from the messages of 30 days, by category and hour (UTC) in which the message began: what was seen in the hour leans on what was
  seen in the category, that on all categories, that on delay_default, each as (n·seen + 50·behind) / (n + 50) with n events. Where
  nothing was seen there is no curve but the one that it would lean on. What comes later than three days (orders and goals: ten) is left out. Of more than two million messages an even part is read.
columns:
  signal: "step: attempted, delivered, read, replied, clicked, converted, unsubscribed, failed or platform_blocked"
  category: marketing, utility, authentication or service; "" for any other; "*" over all
  hour: of the message's time, 0 to 23, UTC; -1 over all
  minutes: {description: age from which the line goes, unit: minutes}
  share: {description: F at that age, unit: share}
  slope: {description: of the line, unit: share per minute}
  area: {description: integral of F from 0 to that age, unit: minutes}
  events: {description: seen, unit: events}
*/

-- variable: curve_from
SELECT getvariable('as_of') - to_days(40)

-- variable: curve_to
SELECT getvariable('as_of') - to_days(3)

-- variable: curve_part
SELECT 1 + count(*) // 2000000 FROM fact_message WHERE message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to')

-- variable: curve_marks
SELECT list(DISTINCT minutes::BIGINT * 60000 ORDER BY minutes::BIGINT * 60000) FROM delay_default

-- temp: message_delay
SELECT
  feedback_category(m.category) AS category,
  hour(m.message_at) AS hour,
  m.message_at >= getvariable('as_of') - to_days(33) AS of_month,
  m.message_at < getvariable('as_of') - to_days(10) AS is_old,
  CASE WHEN m.attempted THEN date_diff('millisecond', m.message_at, m.out_at) END AS attempted,
  date_diff('millisecond', m.message_at, m.delivered_at) AS delivered,
  date_diff('millisecond', m.message_at, m.read_at) AS read,
  date_diff('millisecond', m.message_at, coalesce(o.replied_at,
    CASE WHEN m.replied_at <= m.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) THEN m.replied_at END)) AS replied,
  date_diff('millisecond', m.message_at, m.clicked_at) AS clicked,
  date_diff('millisecond', m.message_at, o.converted_at) AS converted,
  date_diff('millisecond', m.message_at, o.unsubscribed_at) AS unsubscribed,
  CASE WHEN m.attempted THEN date_diff('millisecond', m.message_at, m.failed_at) END AS failed,
  CASE WHEN m.platform_blocked THEN date_diff('millisecond', m.message_at, m.failed_at) END AS platform_blocked
FROM message_state AS m
LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to')) AS o
  ON o.message_key = m.message_key
WHERE m.message_at >= getvariable('curve_from') AND m.message_at < getvariable('curve_to')
  AND hash(m.message_key) % getvariable('curve_part') = 0

-- temp: delay_count
WITH counted AS (
  SELECT category, hour,
    histogram(greatest(attempted, 0), getvariable('curve_marks')) FILTER (of_month AND attempted IS NOT NULL) AS attempted,
    histogram(greatest(delivered, 0), getvariable('curve_marks')) FILTER (of_month AND delivered IS NOT NULL) AS delivered,
    histogram(greatest(read, 0), getvariable('curve_marks')) FILTER (of_month AND read IS NOT NULL) AS read,
    histogram(greatest(replied, 0), getvariable('curve_marks')) FILTER (of_month AND replied IS NOT NULL) AS replied,
    histogram(greatest(clicked, 0), getvariable('curve_marks')) FILTER (of_month AND clicked IS NOT NULL) AS clicked,
    histogram(greatest(converted, 0), getvariable('curve_marks')) FILTER (is_old AND converted IS NOT NULL) AS converted,
    histogram(greatest(unsubscribed, 0), getvariable('curve_marks')) FILTER (of_month AND unsubscribed IS NOT NULL) AS unsubscribed,
    histogram(greatest(failed, 0), getvariable('curve_marks')) FILTER (of_month AND failed IS NOT NULL) AS failed,
    histogram(greatest(platform_blocked, 0), getvariable('curve_marks')) FILTER (of_month AND platform_blocked IS NOT NULL) AS platform_blocked
  FROM message_delay
  GROUP BY category, hour
),
parted AS (
  SELECT category, hour, unnest([
    {signal: 'attempted', counts: attempted}, {signal: 'delivered', counts: delivered}, {signal: 'read', counts: read},
    {signal: 'replied', counts: replied}, {signal: 'clicked', counts: clicked}, {signal: 'converted', counts: converted},
    {signal: 'unsubscribed', counts: unsubscribed}, {signal: 'failed', counts: failed}, {signal: 'platform_blocked', counts: platform_blocked}
  ], recursive := true)
  FROM counted
)
SELECT signal, category, hour, mark // 60000 AS minutes, events
FROM (SELECT signal, category, hour, unnest(map_keys(counts)) AS mark, unnest(map_values(counts)) AS events FROM parted)
WHERE mark <= CASE WHEN signal = 'converted' THEN 14400 ELSE 4320 END * 60000

-- temp: delay_seen
-- Events by each age: per hour and category, per category, and over all.
WITH level AS (
  SELECT signal, coalesce(category, '*') AS category, coalesce(hour, -1) AS hour, minutes, sum(events) AS events
  FROM delay_count
  GROUP BY GROUPING SETS ((signal, minutes, category, hour), (signal, minutes, category), (signal, minutes))
),
key AS (
  SELECT DISTINCT signal, category, hour FROM level
  UNION SELECT DISTINCT signal, '*', -1 FROM delay_default
)
SELECT k.signal, k.category, k.hour, d.minutes, d.share AS default_share,
  sum(coalesce(l.events, 0)) OVER (PARTITION BY k.signal, k.category, k.hour ORDER BY d.minutes) AS by_then,
  sum(coalesce(l.events, 0)) OVER (PARTITION BY k.signal, k.category, k.hour) AS events
FROM key AS k
JOIN delay_default AS d ON d.signal = k.signal
LEFT JOIN level AS l ON l.signal = k.signal AND l.category = k.category AND l.hour = k.hour AND l.minutes = d.minutes

-- query
WITH of_all AS (
  SELECT signal, category, hour, minutes, events, (by_then + 50 * default_share) / (events + 50) AS share FROM delay_seen WHERE category = '*'
),
of_category AS (
  SELECT s.signal, s.category, s.hour, s.minutes, s.events, (s.by_then + 50 * a.share) / (s.events + 50) AS share
  FROM delay_seen AS s JOIN of_all AS a ON a.signal = s.signal AND a.minutes = s.minutes
  WHERE s.category <> '*' AND s.hour = -1
),
of_hour AS (
  SELECT s.signal, s.category, s.hour, s.minutes, s.events, (s.by_then + 50 * c.share) / (s.events + 50) AS share
  FROM delay_seen AS s JOIN of_category AS c ON c.signal = s.signal AND c.category = s.category AND c.minutes = s.minutes
  WHERE s.hour <> -1
),
point AS (
  FROM of_all UNION ALL FROM of_category UNION ALL FROM of_hour
  UNION ALL
  SELECT DISTINCT signal, category, hour, 0, events, 0.0 FROM delay_seen
),
line AS (
  SELECT signal, category, hour, minutes, share, events,
    coalesce((lead(share) OVER one - share) / (lead(minutes) OVER one - minutes), 0) AS slope,
    coalesce((minutes - lag(minutes) OVER one) * (share + lag(share) OVER one) / 2, 0) AS piece
  FROM point
  WINDOW one AS (PARTITION BY signal, category, hour ORDER BY minutes)
)
SELECT signal, category, hour, minutes, share, slope,
  sum(piece) OVER (PARTITION BY signal, category, hour ORDER BY minutes) AS area,
  events::BIGINT AS events
FROM line

-- audit: shares rise from 0 to 1
SELECT signal, category, hour, minutes, share, slope FROM delay_curve
WHERE share IS NULL OR share < 0 OR share > 1 + 1e-9 OR slope < -1e-12 OR (minutes = 0 AND share <> 0)
   OR (slope = 0 AND minutes = (SELECT max(minutes) FROM delay_default) AND abs(share - 1) > 1e-9)

-- audit: every step has a curve, and every curve the one behind it
SELECT d.signal AS name FROM delay_default AS d LEFT JOIN delay_curve AS c ON c.signal = d.signal AND c.category = '*' WHERE c.signal IS NULL
UNION ALL
SELECT h.category FROM delay_curve AS h ANTI JOIN delay_curve AS c ON c.signal = h.signal AND c.category = h.category AND c.hour = -1

-- audit: what was learned is in the facts
SELECT s.learned, f.delivered
FROM (SELECT sum(events) AS learned FROM delay_curve WHERE signal = 'delivered' AND category = '*' AND minutes = 0) AS s,
  (SELECT count(*) AS delivered FROM fact_message WHERE message_at < getvariable('curve_to') AND delivered_at IS NOT NULL) AS f
WHERE s.learned > f.delivered
