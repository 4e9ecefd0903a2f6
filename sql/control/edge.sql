-- Where the part that was read now and then ends and the part that is read anew begins.
CREATE OR REPLACE TABLE control_old.edge AS
SELECT getvariable('part_to') AS young_from, getvariable('written_to') AS young_written_from;

CREATE OR REPLACE TABLE control_old.written_count AS SELECT portfolio_id, count(*) AS people FROM control_old.written GROUP BY portfolio_id;
