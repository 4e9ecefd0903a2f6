-- control_written_{{part}}: who was written to outside a service window, once a portfolio, within getvariable('{{part}}_day') and
-- ('{{part}}_to'). Failed messages do not count at the platform. A template with two fixed parts, like group.sql.
CREATE OR REPLACE TEMP TABLE control_written_{{part}} AS
WITH message AS (
  SELECT w.portfolio_id, m.person_alias, m.message_at, m.out_at
  FROM message_state AS m
  LEFT JOIN control_number AS n ON n.phone_number_id = m.phone_number_id
  LEFT JOIN waba_portfolio AS w ON w.waba_id = coalesce(n.waba_id, m.waba_id)
  WHERE m.message_at >= getvariable('{{part}}_day') AND m.message_at < getvariable('{{part}}_to')
    AND m.out_at IS NOT NULL AND m.failed_at IS NULL AND m.person_alias IS NOT NULL AND m.kind IS DISTINCT FROM 'service'
),
inbound AS (
  SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at
  FROM fact_inbound
  WHERE occurred_at >= getvariable('{{part}}_day') - INTERVAL 24 HOUR AND occurred_at < getvariable('{{part}}_to')
    AND group_id IS NULL AND counted_type NOT IN ('echo', 'system')
),
written AS (
  SELECT m.portfolio_id, coalesce(p.contact, m.person_alias) AS person, m.out_at
  FROM message AS m
  LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
),
heard AS (
  SELECT coalesce(p.contact, i.alias_id) AS person, i.occurred_at
  FROM inbound AS i
  LEFT JOIN contact_period AS p ON p.alias_id = i.alias_id AND i.occurred_at >= p.valid_from AND i.occurred_at < p.valid_to
  WHERE i.alias_id IS NOT NULL
)
SELECT DISTINCT portfolio_id, person
FROM written AS w
WHERE NOT EXISTS (
  FROM heard AS h WHERE h.person = w.person AND h.occurred_at <= w.out_at AND h.occurred_at > w.out_at - INTERVAL 24 HOUR
);
