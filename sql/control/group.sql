-- What the controller counts of one part of the horizon beside its messages (message.sql), getvariable('part_from') to ('part_to'). A
-- template like message.sql.

-- What stands over streams: numbers, accounts, templates.
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
