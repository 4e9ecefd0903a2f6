-- {{table}}: one row for {{key}}. Of several rows with that key the first by ({{order}}) stays, whatever order they came in.
-- A template: apply fills in the names from its own fixed list.
INSERT INTO old_{{stage}} SELECT {{columns}} FROM {{table}} SEMI JOIN (SELECT DISTINCT {{key}} FROM stage_{{stage}}) AS staged USING ({{key}});

INSERT INTO new_{{stage}}
WITH first_row AS (
  SELECT {{columns}}
  FROM (SELECT {{columns}} FROM stage_{{stage}} UNION ALL SELECT {{columns}} FROM old_{{stage}})
  QUALIFY row_number() OVER (PARTITION BY {{key}} ORDER BY {{order}}) = 1
)
SELECT {{columns}} FROM first_row EXCEPT SELECT {{columns}} FROM old_{{stage}};
