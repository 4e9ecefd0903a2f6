/*
name: segment_membership
kind: view
layer: staging
grain: one person and interval in one segment of the sender
description: >
  Since when and until when a person was in a segment that the sender's books told of (segment.entered, segment.left). Told twice in a row
  is told once; who leaves without having entered was never in.
columns:
  segment_id: segment
  customer: the person, see contact_period
  valid_from: {description: entered, unit: UTC}
  valid_to: {description: "left; infinity while in", unit: UTC}
*/
WITH move AS (
  SELECT segment_id, contact_alias AS customer, occurred_at, entered,
    lag(entered) OVER (PARTITION BY segment_id, contact_alias ORDER BY occurred_at, event_id) AS was_in
  FROM fact_segment_membership
  -- Of two moves at one time the later one by id counts.
  QUALIFY entered IS DISTINCT FROM coalesce(was_in, false)
),
stay AS (
  SELECT segment_id, customer, entered, occurred_at AS valid_from,
    coalesce(lead(occurred_at) OVER (PARTITION BY segment_id, customer ORDER BY occurred_at, entered), TIMESTAMP 'infinity') AS valid_to
  FROM move
)
SELECT segment_id, customer, valid_from, valid_to FROM stay WHERE entered AND valid_to > valid_from

-- audit: nobody is in a segment twice at a time
SELECT segment_id, customer, valid_from
FROM (SELECT *, lead(valid_from) OVER (PARTITION BY segment_id, customer ORDER BY valid_from) AS next_from FROM segment_membership)
WHERE next_from < valid_to

-- audit: in are those whose last move was to enter
SELECT f.n AS in_facts, v.n AS here
FROM (SELECT count(*) AS n FROM (
        FROM fact_segment_membership QUALIFY row_number() OVER (PARTITION BY segment_id, contact_alias ORDER BY occurred_at DESC, event_id DESC) = 1) WHERE entered) AS f,
  (SELECT count(*) AS n FROM segment_membership WHERE valid_to = TIMESTAMP 'infinity') AS v
WHERE f.n <> v.n
