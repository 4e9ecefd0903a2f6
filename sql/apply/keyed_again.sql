-- One row when a staged key of {{table}} is staged twice, or is there already.
SELECT 1 WHERE (SELECT count(*) <> count(DISTINCT ({{key}})) FROM stage_{{stage}})
  OR EXISTS (SELECT 1 FROM {{table}} SEMI JOIN stage_{{stage}} USING ({{key}}));
