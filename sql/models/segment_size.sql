/*
name: segment_size
kind: table
layer: mart
refresh: 5m
grain: one segment that a file defines
time_column: bucket_at
description: >
  How many people are in the segments that files define, and what they are worth, as of the newest build: bucket_at is its quarter hour.
columns:
  bucket_at: {description: quarter hour of the build, unit: UTC}
  segment: name of the segment
  people: {description: in it, unit: people}
  consented: {description: "of those, whose consent to marketing is granted", unit: people}
  customers: {description: "of those, who ordered", unit: people}
  last_event_at: {description: newest interaction of one of them, unit: UTC}
*/
SELECT
  quarter_hour(getvariable('as_of')) AS bucket_at,
  m.segment,
  count(*) AS people,
  count(*) FILTER (WHERE c.consent = 'granted') AS consented,
  count(*) FILTER (WHERE c.orders > 0) AS customers,
  max(c.interaction_at) AS last_event_at
FROM segment_member AS m
LEFT JOIN customer AS c USING (customer)
GROUP BY m.segment

-- audit: every member is counted once
SELECT m.n AS members, s.n AS counted
FROM (SELECT count(*) AS n FROM segment_member) AS m, (SELECT coalesce(sum(people), 0) AS n FROM segment_size) AS s
WHERE m.n <> s.n
