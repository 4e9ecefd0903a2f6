-- What the controller counts of one part of the horizon, getvariable('part_from') to ('part_to'). A template: {{part}} is control_old,
-- shared by all connections and read now and then, or temp, read anew for each snapshot.

-- Messages by minute of sending; from minute_from backwards by quarter of an hour. `word_code` sets apart the failures by which the
-- platform stops a whole scope.
CREATE OR REPLACE {{temp}} TABLE {{part}}.message_group AS
SELECT
  m.campaign_id, m.template_name, m.segment_id, m.phone_number_id, m.waba_id, m.kind AS category, w.code AS word_code,
  CASE WHEN m.out_at >= getvariable('minute_from') THEN date_trunc('minute', m.out_at) ELSE quarter_hour(m.out_at) END AS sent_at,
  count(*) AS sent,
  count(m.delivered_at) AS delivered,
  count(*) FILTER (w.code IS NULL AND m.error_class = 'recipient') AS undeliverable,
  count(*) FILTER (w.code IS NULL AND m.error_class = 'platform_block') AS platform_block,
  count(*) FILTER (w.code IS NULL AND m.error_class IN ('content', 'request', 'template', 'sender', 'account', 'unknown')) AS other_failure,
  count(o.message_key) AS opt_out,
  count(*) FILTER (m.message_at >= p.granted_at AND m.kind IS DISTINCT FROM 'service') AS seen,
  max(m.webhook_at) AS feedback_at,
  max(m.out_at) FILTER (m.error_class IS NULL AND m.accepted) AS accepted_at,
  max(m.delivered_at) AS delivered_at,
  max(m.failed_at) AS failed_at
FROM message_state AS m
LEFT JOIN error_word AS w ON w.code = m.error_code
LEFT JOIN control_old.first_permit AS p ON p.phone_number_id = m.phone_number_id
LEFT JOIN (SELECT DISTINCT message_key FROM event_credit
           WHERE kind = 'optout' AND message_at >= getvariable('part_from') AND message_at < getvariable('part_to')) AS o
  ON o.message_key = m.message_key
WHERE m.message_at >= getvariable('part_from') AND m.message_at < getvariable('part_to') AND m.out_at IS NOT NULL
GROUP BY
  m.campaign_id, m.template_name, m.segment_id, m.phone_number_id, m.waba_id, m.kind, w.code,
  CASE WHEN m.out_at >= getvariable('minute_from') THEN date_trunc('minute', m.out_at) ELSE quarter_hour(m.out_at) END;

-- The same for what stands over streams: numbers, accounts, templates.
CREATE OR REPLACE {{temp}} TABLE {{part}}.scope_group AS
SELECT phone_number_id, waba_id, template_name, word_code, sum(seen) AS seen, max(feedback_at) AS feedback_at,
  max(accepted_at) AS accepted_at, max(delivered_at) AS delivered_at, max(failed_at) AS failed_at
FROM {{part}}.message_group
GROUP BY phone_number_id, waba_id, template_name, word_code;

-- Newest inbound message about each number.
CREATE OR REPLACE {{temp}} TABLE {{part}}.inbound_group AS
SELECT phone_number_id, max(occurred_at) AS feedback_at
FROM fact_inbound
WHERE occurred_at >= getvariable('part_from') AND occurred_at < getvariable('part_to') AND phone_number_id IS NOT NULL
GROUP BY phone_number_id;

-- Rights given and taken back for each number. A lease lasts an hour at the most.
CREATE OR REPLACE {{temp}} TABLE {{part}}.granted_group AS
SELECT phone_number_id, sum(rights)::BIGINT AS permitted
FROM (
  SELECT phone_number_id, granted AS rights FROM fact_permit
  WHERE granted_at >= getvariable('part_from') AND granted_at < getvariable('part_to') AND category <> 'service'
  UNION ALL
  SELECT p.phone_number_id, -r.count FROM fact_permit_return AS r JOIN fact_permit AS p USING (permit_id)
  WHERE r.returned_at >= getvariable('part_from') AND r.returned_at < getvariable('part_to')
    AND p.granted_at >= getvariable('part_from') - INTERVAL 2 HOUR AND p.category <> 'service'
)
WHERE phone_number_id IS NOT NULL
GROUP BY phone_number_id;
