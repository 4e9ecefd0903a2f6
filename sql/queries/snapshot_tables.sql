-- Tables of a snapshot: the models that have been built and have no column that names a person or a single message, and their books.
SELECT m.model AS name
FROM model_state AS m
WHERE m.built_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM duckdb_columns() AS c WHERE c.table_name = m.model)
  AND NOT EXISTS (
    SELECT 1 FROM duckdb_columns() AS c
    WHERE c.table_name = m.model
      AND regexp_matches(c.column_name, '(^|_)(alias|alias_id|contact|customer|person|message_key|message_id|send_id|order_id|event_id|user_id|conversation_id)$')
  )
UNION ALL
SELECT 'model_state'
ORDER BY name;
