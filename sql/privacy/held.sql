-- Rows of one table that are about the people in held_name, oldest first, each as one JSON object.
SELECT to_json(t)::VARCHAR AS held
FROM {{table}} AS t
WHERE EXISTS (
  SELECT 1 FROM held_name AS n
  WHERE n.alias_id IN ({{aliases}}) AND t.{{time}} >= n.valid_from AND t.{{time}} < n.valid_to
)
ORDER BY t.{{time}}, held
