-- What the platform says that stops or slows a scope: its own news (told.sql), and the errors by which it refuses all of a scope. A word
-- that is over is not here. A template: {{young}} has what was read of the young part of the horizon, see control-snapshot.ts.
WITH
-- Error codes: in failures of messages, and in webhooks about a whole account.
message AS (FROM control_old.scope_group UNION ALL FROM {{young}}.scope_group),
refusal AS (
  SELECT word_code AS code, phone_number_id, waba_id, template_name, failed_at FROM message WHERE word_code IS NOT NULL
  UNION ALL
  SELECT error_code, phone_number_id, waba_id, template_name, occurred_at FROM fact_platform_event
  WHERE event = 'error' AND occurred_at >= getvariable('horizon_from') AND occurred_at <= getvariable('control_at')
),
error_state AS (
  SELECT w.code, w.scope, w.ends, max(r.failed_at) AS failed_at,
    CASE w.scope WHEN 'number' THEN r.phone_number_id WHEN 'template' THEN r.template_name ELSE coalesce(n.waba_id, r.waba_id) END AS value
  FROM refusal AS r
  JOIN error_word AS w USING (code)
  LEFT JOIN {{young}}.number AS n ON n.phone_number_id = r.phone_number_id
  GROUP BY w.code, w.scope, w.ends,
    CASE w.scope WHEN 'number' THEN r.phone_number_id WHEN 'template' THEN r.template_name ELSE coalesce(n.waba_id, r.waba_id) END
),
-- What has gone well since.
good AS (
  SELECT 'number' AS scope, phone_number_id AS value, max(accepted_at) AS good_at FROM message GROUP BY phone_number_id
  UNION ALL
  SELECT 'waba', coalesce(n.waba_id, m.waba_id), max(m.accepted_at)
  FROM message AS m LEFT JOIN {{young}}.number AS n USING (phone_number_id)
  GROUP BY coalesce(n.waba_id, m.waba_id)
  UNION ALL
  SELECT 'template', template_name, max(delivered_at) FROM message GROUP BY template_name
),
word AS (
  SELECT t.scope, t.value, t.action, t.code, t.said_at, t.until_at
  FROM told_word AS t
  LEFT JOIN good AS g ON g.scope = t.scope AND g.value = t.value
  WHERE t.action <> 'mended' AND NOT coalesce(t.ends = 'accepted' AND g.good_at > t.said_at, false)
  UNION ALL
  SELECT e.scope, e.value, 'stop', 'error_' || e.code, e.failed_at,
    CASE WHEN e.ends = 'after_a_day' THEN e.failed_at + INTERVAL 24 HOUR END
  FROM error_state AS e
  LEFT JOIN good AS g ON g.scope = e.scope AND g.value = e.value
  LEFT JOIN told_word AS m ON m.action = 'mended' AND m.scope = e.scope AND m.value = e.value
  WHERE NOT coalesce(CASE e.ends
    WHEN 'accepted' THEN g.good_at > e.failed_at OR (e.code = 131031 AND m.said_at > e.failed_at)
    WHEN 'accepted_later' THEN g.good_at > e.failed_at + INTERVAL 10 MINUTE
    WHEN 'delivered' THEN g.good_at > e.failed_at OR m.said_at > e.failed_at
  END, false)
)
SELECT scope, value, action, code, epoch_ms(max(said_at)) AS said_at,
  epoch_ms(CASE WHEN count(until_at) = count(*) THEN max(until_at) END) AS until_at
FROM word
WHERE value IS NOT NULL AND (until_at IS NULL OR until_at > getvariable('control_at'))
GROUP BY scope, value, action, code
ORDER BY scope, value, code;
