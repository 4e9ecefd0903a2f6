-- All staged rows are new to {{table}}.
INSERT INTO {{table}} ({{columns}}) SELECT {{columns}} FROM stage_{{stage}};
