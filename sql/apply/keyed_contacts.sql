-- The people whose models these rows change, those of the rows that go too, and from when on; a link changes whom an alias stands
-- for, so all of it.
INSERT INTO changed_contact (alias_id, changed_at)
SELECT alias_id, min(changed_at)
FROM (
  SELECT unnest([{{contacts}}]) AS alias_id, {{changed_at}} AS changed_at FROM new_{{stage}}
  UNION ALL
  SELECT unnest([{{contacts}}]), {{changed_at}} FROM old_{{stage}} SEMI JOIN new_{{stage}} USING ({{key}})
)
WHERE alias_id IS NOT NULL
GROUP BY alias_id;
