/*
name: portfolio_limit
kind: view
layer: staging
grain: one portfolio and interval with one messaging limit
description: >
  How many different people a portfolio may write to in 24 hours, as the platform told (business_capability_update,
  phone_number_quality_update), before its first word as registered last.
columns:
  portfolio_id: business portfolio
  limit_people: {description: null where there is no limit or none is known, unit: people}
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again, unit: UTC}
*/
WITH told AS (
  SELECT w.portfolio_id, e.occurred_at AS since, e.event_hash,
    regexp_extract(e.new_value, '^(?:TIER_)?([0-9]+)(K?)$', ['digits', 'thousands']) AS parts
  FROM fact_platform_event AS e
  JOIN waba_portfolio AS w USING (waba_id)
  WHERE e.field IN ('business_capability_update', 'phone_number_quality_update') AND e.occurred_at IS NOT NULL
    AND regexp_matches(e.new_value, '^(TIER_UNLIMITED|(TIER_)?-?[0-9]+K?)$')
),
registered AS (
  SELECT id AS portfolio_id, messaging_limit FROM dim_registry
  WHERE kind = 'portfolio'
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1
),
word AS (
  SELECT portfolio_id, since, event_hash,
    TRY_CAST(parts.digits AS BIGINT) * CASE parts.thousands WHEN 'K' THEN 1000 ELSE 1 END AS limit_people
  FROM told
  UNION ALL
  SELECT portfolio_id, TIMESTAMP '-infinity', '', messaging_limit FROM registered
)
SELECT portfolio_id, limit_people, since AS valid_from,
  coalesce(lead(since) OVER (PARTITION BY portfolio_id ORDER BY since, event_hash), TIMESTAMP 'infinity') AS valid_to
FROM word

-- audit: one limit of now for each portfolio that one is known of
SELECT portfolio_id, count(*) FILTER (WHERE valid_to = TIMESTAMP 'infinity') AS open
FROM portfolio_limit
GROUP BY portfolio_id
HAVING open <> 1
