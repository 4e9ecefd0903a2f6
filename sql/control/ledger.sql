-- Per portfolio the different people written to outside service windows in 24 h, and how many the platform or the registry allows.
-- Text of a limit: TIER_250, TIER_2K, TIER_UNLIMITED, 2000, -1 for unlimited. A known "unlimited" is no limit.
WITH written AS (
  SELECT portfolio_id, sum(people) AS people
  FROM (
    SELECT portfolio_id, people FROM control_old.written_count
    UNION ALL
    SELECT portfolio_id, count(*) FROM temp.written GROUP BY portfolio_id
    UNION ALL
    -- Who is in both parts counts once.
    SELECT o.portfolio_id, -count(*) FROM control_old.written AS o
    WHERE EXISTS (FROM temp.written AS y WHERE y.person = o.person AND y.portfolio_id IS NOT DISTINCT FROM o.portfolio_id)
    GROUP BY o.portfolio_id
  )
  GROUP BY portfolio_id
),
told AS (
  SELECT w.portfolio_id, e.occurred_at, e.event_hash,
    regexp_extract(e.new_value, '^(?:TIER_)?(-?[0-9]+)(K?)$', ['digits', 'thousands']) AS parts,
    e.new_value = 'TIER_UNLIMITED' OR e.new_value = '-1' AS unlimited
  FROM fact_platform_event AS e
  JOIN waba_portfolio AS w USING (waba_id)
  WHERE e.field IN ('business_capability_update', 'phone_number_quality_update') AND e.occurred_at <= getvariable('control_at')
    AND regexp_matches(e.new_value, '^(TIER_UNLIMITED|(TIER_)?-?[0-9]+K?)$')
),
stated AS (
  SELECT portfolio_id, unlimited,
    CASE WHEN NOT unlimited THEN TRY_CAST(parts.digits AS BIGINT) * CASE parts.thousands WHEN 'K' THEN 1000 ELSE 1 END END AS most
  FROM told
  QUALIFY row_number() OVER (PARTITION BY portfolio_id ORDER BY occurred_at DESC, event_hash DESC) = 1
),
registered AS (
  SELECT id AS portfolio_id, messaging_limit
  FROM dim_registry
  WHERE kind = 'portfolio'
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1
),
known AS (
  SELECT portfolio_id FROM written
  UNION SELECT portfolio_id FROM registered
  UNION SELECT portfolio_id FROM waba_portfolio WHERE portfolio_id IS NOT NULL
)
SELECT k.portfolio_id, coalesce(w.people, 0)::BIGINT AS people,
  CASE WHEN s.unlimited THEN NULL ELSE coalesce(s.most, r.messaging_limit) END AS limit_people
FROM known AS k
LEFT JOIN written AS w ON w.portfolio_id IS NOT DISTINCT FROM k.portfolio_id
LEFT JOIN stated AS s ON s.portfolio_id = k.portfolio_id
LEFT JOIN registered AS r ON r.portfolio_id = k.portfolio_id
ORDER BY k.portfolio_id;
