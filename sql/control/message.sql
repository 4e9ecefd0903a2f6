-- Messages of one part of the horizon, getvariable('part_from') to ('part_to'), of the campaigns in getvariable('only_campaigns') where it
-- names some ('' for none). A template: {{part}} is control_old, shared by all connections and read now and then, or temp, read anew for
-- each snapshot.

-- By minute of sending, those that are held by their request; from minute_from backwards by quarter of an hour. `word_code` sets apart the failures by which the
-- platform stops a whole scope.
CREATE OR REPLACE {{temp}} TABLE {{part}}.message_group AS
WITH
complaint AS (
  SELECT message_id, context_id FROM fact_inbound
  WHERE counted_type = 'complaint' AND occurred_at >= getvariable('part_from')
),
-- Of each message that somebody answered or left by: without context, by the credit; with one, by what it names.
answer AS (
  SELECT message_key, bool_or(is_opt_out) AS opted_out, bool_or(is_reply) AS replied, bool_or(is_complaint) AS complained
  FROM (
    SELECT e.message_key, e.kind = 'optout' AS is_opt_out, e.kind = 'reply' AS is_reply, c.message_id IS NOT NULL AS is_complaint
    FROM event_credit AS e
    LEFT JOIN complaint AS c ON e.kind = 'reply' AND c.message_id = e.event_id
    WHERE e.kind IN ('optout', 'reply') AND e.message_at >= getvariable('part_from') AND e.message_at < getvariable('part_to')
    UNION ALL
    SELECT f.message_key, false, true, true
    FROM fact_message AS f
    JOIN complaint AS c ON c.context_id = f.message_id
    WHERE f.message_at >= getvariable('part_from') AND f.message_at < getvariable('part_to')
  )
  GROUP BY message_key
)
SELECT
  m.campaign_id, m.template_name, m.segment_id, m.variant_id, m.country AS market, m.phone_number_id, m.waba_id, m.kind AS category,
  w.code AS word_code,
  CASE WHEN coalesce(m.out_at, m.message_at) >= getvariable('minute_from') THEN date_trunc('minute', coalesce(m.out_at, m.message_at))
       ELSE quarter_hour(coalesce(m.out_at, m.message_at)) END AS sent_at,
  count(m.out_at) AS sent,
  count(*) FILTER (m.out_at IS NULL) AS held,
  count(m.delivered_at) AS delivered,
  count(m.read_at) AS read,
  count(*) FILTER (m.delivered_at IS NOT NULL AND (m.replied_at IS NOT NULL OR a.replied)) AS replied,
  count(m.clicked_at) FILTER (m.delivered_at IS NOT NULL) AS clicked,
  count(*) FILTER (w.code IS NULL AND m.error_class = 'recipient') AS undeliverable,
  count(*) FILTER (m.error_code = 131049) AS marketing_limit,
  count(*) FILTER (w.code IS NULL AND m.error_class = 'platform_block' AND m.error_code <> 131049) AS platform_block,
  count(*) FILTER (w.code IS NULL AND m.error_class IN ('content', 'request', 'template', 'sender', 'account', 'unknown')) AS other_failure,
  count(*) FILTER (a.opted_out) AS opt_out,
  count(*) FILTER (a.complained) AS complaint,
  count(m.out_at) FILTER (m.message_at >= p.granted_at AND m.kind IS DISTINCT FROM 'service') AS seen,
  max(m.webhook_at) AS feedback_at,
  max(m.out_at) FILTER (m.error_class IS NULL AND m.accepted) AS accepted_at,
  max(m.delivered_at) AS delivered_at,
  max(m.failed_at) AS failed_at
FROM message_state AS m
LEFT JOIN error_word AS w ON w.code = m.error_code
LEFT JOIN control_old.first_permit AS p ON p.phone_number_id = m.phone_number_id
LEFT JOIN answer AS a ON a.message_key = m.message_key
WHERE m.message_at >= getvariable('part_from') AND m.message_at < getvariable('part_to') AND (m.out_at IS NOT NULL OR m.still_held)
  AND (getvariable('only_campaigns') IS NULL OR list_contains(getvariable('only_campaigns')::VARCHAR[], coalesce(m.campaign_id, '')))
GROUP BY
  m.campaign_id, m.template_name, m.segment_id, m.variant_id, m.country, m.phone_number_id, m.waba_id, m.kind, w.code,
  CASE WHEN coalesce(m.out_at, m.message_at) >= getvariable('minute_from') THEN date_trunc('minute', coalesce(m.out_at, m.message_at))
       ELSE quarter_hour(coalesce(m.out_at, m.message_at)) END;
