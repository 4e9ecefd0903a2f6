-- {{table}}: one row for {{key}}. Of several rows with that key the first by ({{order}}) stays, whatever order they came in.
-- A template: apply fills in the names from its own fixed list.
INSERT INTO new_{{stage}}
WITH first_row AS (
  SELECT {{columns}}
  FROM (SELECT {{columns}} FROM stage_{{stage}}
        UNION ALL
        SELECT {{columns}} FROM {{table}} SEMI JOIN (SELECT DISTINCT {{key}} FROM stage_{{stage}}) AS staged USING ({{key}}))
  QUALIFY row_number() OVER (PARTITION BY {{key}} ORDER BY {{order}}) = 1
)
SELECT {{columns}} FROM first_row EXCEPT SELECT {{columns}} FROM {{table}} SEMI JOIN first_row USING ({{key}});

DELETE FROM {{table}} AS t USING new_{{stage}} AS n WHERE {{match}};

INSERT INTO {{table}} ({{columns}}) SELECT {{columns}} FROM new_{{stage}};
