/*
name: billing_month
kind: incremental
layer: staging
key: [time_zone]
touched: changed_zone
grain: one time zone x calendar month
description: >
  When months begin and end by the clock of an account, since prices are per message. Keyed by the month in UTC, so that the month of an instant is this one
  or, near its ends, the one before or after.
columns:
  time_zone: IANA name
  month: {description: first day of the month, unit: UTC}
  from_at: {description: first instant by that clock, unit: UTC}
  to_at: {description: first instant that is out again, unit: UTC}
*/

-- temp: billed_zone
SELECT time_zone FROM billing_account UNION SELECT 'UTC'

-- temp: changed_zone
SELECT time_zone FROM billed_zone EXCEPT SELECT time_zone FROM billing_month

-- query
SELECT
  z.time_zone,
  m.month,
  m.month AT TIME ZONE z.time_zone AT TIME ZONE 'UTC' AS from_at,
  (m.month + INTERVAL 1 MONTH) AT TIME ZONE z.time_zone AT TIME ZONE 'UTC' AS to_at
FROM billed_zone AS z,
  (SELECT unnest(generate_series(TIMESTAMP '2025-06-01', TIMESTAMP '2060-12-01', INTERVAL 1 MONTH)) AS month) AS m

-- audit: months follow each other without a hole
SELECT time_zone, month
FROM (SELECT time_zone, month, to_at, lead(from_at) OVER (PARTITION BY time_zone ORDER BY month) AS next_from FROM billing_month)
WHERE next_from <> to_at
