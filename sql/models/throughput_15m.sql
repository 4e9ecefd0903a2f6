/*
name: throughput_15m
kind: table
layer: mart
refresh: 15m
grain: one quarter hour x number, of the last 2 days
time_column: bucket_at
description: How fast a number sent, by the second in which messages went out. Numbers may send 80 a second, raised ones 1,000.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  phone_number_id: sending number
  waba_id: WhatsApp business account
  sent: {description: went out, unit: messages}
  active_s: {description: seconds in which at least one went out, unit: seconds}
  peak_per_s: most messages in one second
  throttled: {description: "refused for sending too fast (130429, 131056, 80007)", unit: messages}
  last_event_at: {description: newest of them, unit: UTC}
*/
WITH gone AS (
  SELECT phone_number_id, waba_id, date_trunc('second', coalesce(out_at, failed_at)) AS second_at,
    count(out_at) FILTER (WHERE failed_at IS NULL OR NOT refused) AS sent,
    count(*) FILTER (WHERE error_code IN (130429, 131056, 80007)) AS throttled
  FROM message_state
  WHERE message_at >= quarter_hour(getvariable('as_of')) - to_days(2) AND coalesce(out_at, failed_at) IS NOT NULL
  GROUP BY phone_number_id, waba_id, date_trunc('second', coalesce(out_at, failed_at))
)
SELECT quarter_hour(second_at) AS bucket_at, phone_number_id, waba_id, sum(sent)::BIGINT AS sent,
  count(*) FILTER (WHERE sent > 0) AS active_s, max(sent) AS peak_per_s, sum(throttled)::BIGINT AS throttled, max(second_at) AS last_event_at
FROM gone
GROUP BY quarter_hour(second_at), phone_number_id, waba_id

-- audit: every message that went out is counted once
SELECT m.n AS in_facts, t.n AS counted
FROM (SELECT count(*) AS n FROM message_state
      WHERE message_at >= quarter_hour(getvariable('as_of')) - to_days(2) AND out_at IS NOT NULL AND (failed_at IS NULL OR NOT refused)) AS m,
  (SELECT coalesce(sum(sent), 0) AS n FROM throughput_15m) AS t
WHERE m.n <> t.n AND NOT EXISTS (FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message))
