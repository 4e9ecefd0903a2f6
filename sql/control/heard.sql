-- What the platform's words are read with until the next snapshot: the young part of the horizon, where a connection sees it that does not
-- wait for snapshots. Both are small: numbers, and groups of failures.
CREATE OR REPLACE TABLE control_heard.number AS FROM temp.number;
CREATE OR REPLACE TABLE control_heard.scope_group AS FROM temp.scope_group;
