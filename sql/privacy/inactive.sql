-- All names of the people of whom nothing is known since $before; stand-ins of those forgotten already are left out.
WITH seen AS (
  SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id,
    greatest(requested_at, accepted_at, sent_at, delivered_at, read_at, played_at, replied_at, clicked_at, failed_at, message_at) AS at
  FROM fact_message
  UNION ALL SELECT unnest([phone_alias, user_alias]), occurred_at FROM fact_inbound
  UNION ALL SELECT contact_alias, assigned_at FROM fact_assignment
  UNION ALL SELECT contact_alias, occurred_at FROM fact_click
  UNION ALL SELECT unnest([contact_alias, phone_alias, user_alias]), occurred_at FROM fact_conversion
  UNION ALL SELECT unnest([contact_alias, phone_alias, user_alias]), occurred_at FROM fact_consent
  UNION ALL SELECT contact_alias, occurred_at FROM fact_segment_membership
  UNION ALL SELECT contact_alias, occurred_at FROM contact_profile
  UNION ALL SELECT unnest([alias_a, alias_b]), occurred_at FROM contact_link
),
newest AS (SELECT alias_id, max(at) AS at FROM seen WHERE alias_id IS NOT NULL GROUP BY alias_id),
name AS (
  SELECT a.alias_id, a.kind, a.value, n.at, coalesce(p.contact, a.alias_id) AS person,
    coalesce(p.valid_from, TIMESTAMP '-infinity') AS valid_from, coalesce(p.valid_to, TIMESTAMP 'infinity') AS valid_to
  FROM newest AS n
  JOIN contact_alias AS a USING (alias_id)
  LEFT JOIN contact_period AS p USING (alias_id)
),
quiet AS (SELECT person FROM name GROUP BY person HAVING max(at) < $before::TIMESTAMP)
SELECT alias_id, any_value(kind) AS kind, any_value(value) AS value,
  CASE WHEN isfinite(min(valid_from)) THEN epoch_ms(min(valid_from)) END AS from_ms,
  CASE WHEN isfinite(max(valid_to)) THEN epoch_ms(max(valid_to)) END AS to_ms
FROM name SEMI JOIN quiet USING (person)
WHERE NOT (kind = 'phone' AND length(value) = 20 OR kind <> 'phone' AND value LIKE '%forgotten-%')
GROUP BY alias_id
ORDER BY alias_id;
