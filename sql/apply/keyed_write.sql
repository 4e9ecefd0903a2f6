-- The new rows of {{table}} take the place of those with their keys.
DELETE FROM {{table}} AS t USING new_{{stage}} AS n WHERE {{match}};

INSERT INTO {{table}} ({{columns}}) SELECT {{columns}} FROM new_{{stage}};
