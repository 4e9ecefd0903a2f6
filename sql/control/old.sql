-- The older part of the horizon: the far and the middle one together, and where they end and the part that is read anew begins.
CREATE OR REPLACE TABLE control_old.scope_group AS FROM control_old.far.scope_group UNION ALL FROM control_old.middle.scope_group;
CREATE OR REPLACE TABLE control_old.inbound_group AS FROM control_old.far.inbound_group UNION ALL FROM control_old.middle.inbound_group;
CREATE OR REPLACE TABLE control_old.granted_group AS FROM control_old.far.granted_group UNION ALL FROM control_old.middle.granted_group;

-- Who is in both parts counts once.
CREATE OR REPLACE TABLE control_old.written AS FROM control_old.far.written UNION FROM control_old.middle.written;
CREATE OR REPLACE TABLE control_old.written_count AS SELECT portfolio_id, count(*) AS people FROM control_old.written GROUP BY portfolio_id;

CREATE OR REPLACE TABLE control_old.edge AS
SELECT getvariable('part_to') AS young_from, getvariable('written_to') AS young_written_from;
