-- {{table}}: one row for {{key}}. Of several rows with that key the first by ({{order}}) stays, whatever order they came in.
-- A template: apply fills in the names from its own fixed list.
CREATE OR REPLACE TEMP TABLE keyed_first AS
SELECT {{columns}}
FROM (SELECT {{columns}} FROM stage_{{stage}}
      UNION ALL
      SELECT {{columns}} FROM {{table}} SEMI JOIN (SELECT DISTINCT {{key}} FROM stage_{{stage}}) AS staged USING ({{key}}) {{within}})
QUALIFY row_number() OVER (PARTITION BY {{key}} ORDER BY {{order}}) = 1;

CREATE OR REPLACE TEMP TABLE keyed_new AS
SELECT {{columns}} FROM keyed_first EXCEPT SELECT {{columns}} FROM {{table}} SEMI JOIN keyed_first USING ({{key}}) {{within}};

DELETE FROM {{table}} AS t USING keyed_new AS n WHERE {{match}} {{and_within}};

INSERT INTO {{table}} ({{columns}}) SELECT {{columns}} FROM keyed_new;
