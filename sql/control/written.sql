-- Who was written to outside a service window between getvariable('written_from') and ('written_to'), once a portfolio: people as
-- hashes. Failed messages do not count at the platform. A template like group.sql.
CREATE OR REPLACE {{temp}} TABLE {{part}}.written AS
WITH inbound AS (
  SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at
  FROM fact_inbound
  WHERE occurred_at >= getvariable('written_from') - INTERVAL 24 HOUR AND occurred_at < getvariable('written_to')
    AND group_id IS NULL AND counted_type NOT IN ('echo', 'system')
),
heard AS (
  SELECT hash(coalesce(p.contact, i.alias_id)) AS person, i.occurred_at
  FROM inbound AS i
  LEFT JOIN contact_period AS p ON p.alias_id = i.alias_id AND i.occurred_at >= p.valid_from AND i.occurred_at < p.valid_to
  WHERE i.alias_id IS NOT NULL
),
-- A contact id stands for itself and has no period.
written AS (
  SELECT w.portfolio_id, hash(coalesce(p.contact, m.person_alias)) AS person, m.out_at
  FROM message_state AS m
  LEFT JOIN control_old.number AS n ON n.phone_number_id = m.phone_number_id
  LEFT JOIN waba_portfolio AS w ON w.waba_id = coalesce(n.waba_id, m.waba_id)
  LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
  WHERE m.message_at >= getvariable('written_from') AND m.message_at < getvariable('written_to')
    AND m.out_at IS NOT NULL AND m.failed_at IS NULL AND m.person_alias IS NOT NULL AND m.kind IS DISTINCT FROM 'service'
)
SELECT DISTINCT portfolio_id, person
FROM written AS w
ANTI JOIN heard AS h ON h.person = w.person AND h.occurred_at <= w.out_at AND h.occurred_at > w.out_at - INTERVAL 24 HOUR;
