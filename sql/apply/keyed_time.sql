-- The time that the staged rows lie in, as literals for what follows.
SET VARIABLE keyed_from = (SELECT min({{time}}) FROM stage_{{stage}});
SET VARIABLE keyed_to = (SELECT max({{time}}) FROM stage_{{stage}});

