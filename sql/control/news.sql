-- What told.sql goes by, in short: it is the same as long as this is. Events of the future, by the clock of who tells them, become news.
SELECT e.events, e.newest_event, e.ahead, r.registrations, r.newest_registration
FROM (
  SELECT count(*) AS events, max(rowid) AS newest_event, count(*) FILTER (occurred_at > getvariable('control_at')) AS ahead
  FROM fact_platform_event
) AS e,
(SELECT count(*) AS registrations, max(rowid) AS newest_registration FROM dim_registry) AS r;
