-- The staged rows are all new to {{table}}, or nothing is written: when a staged key is staged twice, or is there already.
INSERT INTO {{table}} ({{columns}})
SELECT {{columns}} FROM stage_{{stage}}
WHERE NOT (
  (SELECT count(*) <> count(DISTINCT ({{key}})) FROM stage_{{stage}})
  OR EXISTS (SELECT 1 FROM {{table}} SEMI JOIN stage_{{stage}} USING ({{key}}))
);
