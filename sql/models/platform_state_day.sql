/*
name: platform_state_day
kind: table
layer: mart
refresh: 5m
grain: one day (UTC) x number or template x state
time_column: bucket_at
description: Time that numbers and templates spent in each state (platform_state), by day and up to the build.
columns:
  bucket_at: {description: start of the day, unit: UTC}
  state_of: number, template or template_quality
  state: as the platform calls it
  waba_id: WhatsApp business account
  phone_number_id: of a number
  template_name: of a template
  template_language: of a template
  known_s: {description: time in this state, unit: seconds}
  bad_s: {description: "of that, flagged, paused, disabled, rejected, archived, deleted, or of red quality", unit: seconds}
  entries: {description: times that it came into this state, unit: events}
  last_event_at: {description: newest change of state, unit: UTC}
*/
WITH cut AS (
  SELECT *, least(valid_to, getvariable('as_of')) AS until_at,
    unnest(range(date_trunc('day', valid_from)::TIMESTAMP, least(valid_to, getvariable('as_of')), to_days(1))) AS day_at
  FROM platform_state
  WHERE valid_from < getvariable('as_of')
),
part AS (
  SELECT *, date_sub('second', greatest(valid_from, day_at), least(until_at, day_at + to_days(1))) AS seconds FROM cut
)
SELECT
  day_at AS bucket_at,
  kind AS state_of,
  state,
  waba_id,
  phone_number_id,
  template_name,
  template_language,
  sum(seconds)::BIGINT AS known_s,
  coalesce(sum(seconds) FILTER (WHERE state IN ('FLAGGED', 'PAUSED', 'DISABLED', 'REJECTED', 'ARCHIVED', 'DELETED', 'PENDING_DELETION', 'RED')), 0)::BIGINT AS bad_s,
  count(*) FILTER (WHERE valid_from >= day_at) AS entries,
  max(valid_from) AS last_event_at
FROM part
GROUP BY day_at, kind, state, waba_id, phone_number_id, template_name, template_language

-- audit: every second of the states is counted once
-- Fractions of a second are cut off once for each day.
SELECT s.seconds, d.seconds AS counted
FROM (SELECT coalesce(sum(date_sub('second', valid_from, least(valid_to, getvariable('as_of')))), 0) AS seconds, count(*) AS parts FROM platform_state WHERE valid_from < getvariable('as_of')) AS s,
  (SELECT coalesce(sum(known_s), 0) AS seconds, count(*) AS parts FROM platform_state_day) AS d
WHERE abs(s.seconds - d.seconds) > s.parts + 2 * d.parts

-- audit: a day has no more than its seconds
SELECT bucket_at, state_of, state, known_s FROM platform_state_day
WHERE known_s > 86400 AND state_of = 'number' AND phone_number_id IS NOT NULL
