-- All names of the people whom the aliases $aliases stand for at $at, each with the time in which it was theirs (ms; NULL is open).
WITH asked AS (SELECT unnest($aliases::VARCHAR[]) AS alias_id),
person AS (
  SELECT DISTINCT coalesce(p.contact, a.alias_id) AS contact
  FROM asked AS a
  LEFT JOIN contact_period AS p ON p.alias_id = a.alias_id AND $at::TIMESTAMP >= p.valid_from AND $at::TIMESTAMP < p.valid_to
),
name AS (
  SELECT alias_id, valid_from, valid_to FROM contact_period SEMI JOIN person USING (contact)
  UNION ALL
  SELECT contact, TIMESTAMP '-infinity', TIMESTAMP 'infinity' FROM person WHERE contact NOT IN (SELECT alias_id FROM contact_period)
),
whole AS (
  SELECT alias_id, min(valid_from) AS valid_from, max(valid_to) AS valid_to FROM name GROUP BY alias_id
)
SELECT w.alias_id, a.kind, a.value,
  CASE WHEN isfinite(w.valid_from) THEN epoch_ms(w.valid_from) END AS from_ms,
  CASE WHEN isfinite(w.valid_to) THEN epoch_ms(w.valid_to) END AS to_ms
FROM whole AS w
JOIN contact_alias AS a USING (alias_id)
ORDER BY a.kind, a.value;
