/*
name: platform_comparison
kind: incremental
layer: mart
key: [report, waba_id, from_at, to_at]
touched: touched_comparison
grain: one interval of the platform's analytics x country x category x type, or x template, that either side has
time_column: from_at
description: >
  Our counts and costs beside the platform's own, for the very intervals that it answered. Pricing: messages by their first proof of delivery. Templates:
  messages by when they were sent, with what became of them. An interval is compared when figures come, and every six hours while late statuses may change it (10 days);
  at most eight intervals a build.
columns:
  report: pricing or template
  waba_id: WhatsApp business account
  from_at: {description: start of the interval, unit: UTC}
  to_at: {description: end of the interval, unit: UTC}
  country: ISO 3166-1 alpha-2; null where the platform did not tell it apart or it is unknown
  category: as on the rate card
  pricing_type: regular, free_customer_service or free_entry_point
  template_name: template
  template_language: language of the template
  their_sent: {description: as the platform counted, unit: messages}
  our_sent: {description: as the facts have it, unit: messages}
  their_delivered: {description: as the platform counted, unit: messages}
  our_delivered: {description: as the facts have it, unit: messages}
  their_read: {description: as the platform counted, unit: messages}
  our_read: {description: as the facts have it, unit: messages}
  their_cost_micros: {description: null where the platform hides it, unit: micro-units of the account's currency}
  our_cost_micros: {description: of the messages whose cost is known there, unit: micro-units of the account's currency}
  our_unpriced: {description: messages whose cost is not known, unit: messages}
  their_all: {description: delivered in the interval in all types and categories of the country, unit: messages}
  our_all: {description: the same, unit: messages}
  starts_at_midnight: whether the interval starts at midnight by the account's clock as registered
  told_at: {description: when the figures were handed in, unit: UTC}
  compared_at: {description: when, unit: UTC}
*/

-- temp: told_interval
SELECT report, waba_id, from_at, to_at, any_value(parts) AS parts, max(told_at) AS told_at
FROM platform_figure
GROUP BY report, waba_id, from_at, to_at

-- temp: stale_comparison
SELECT t.report, t.waba_id, t.from_at, t.to_at
FROM told_interval AS t
LEFT JOIN (SELECT report, waba_id, from_at, to_at, max(told_at) AS told_at, max(compared_at) AS compared_at FROM platform_comparison
           GROUP BY report, waba_id, from_at, to_at) AS c USING (report, waba_id, from_at, to_at)
WHERE c.told_at IS NULL OR c.told_at < t.told_at
   OR (c.compared_at < getvariable('as_of') - to_hours(6) AND c.compared_at < t.to_at + to_days(10))
ORDER BY c.told_at IS NOT NULL, t.from_at DESC, t.waba_id, t.report
LIMIT 8

-- variable: compared_now
SELECT CASE WHEN getvariable('full_build') THEN 'told_interval' ELSE 'stale_comparison' END

-- temp: touched_comparison
SELECT t.* FROM told_interval AS t SEMI JOIN query_table(getvariable('compared_now')) AS s USING (report, waba_id, from_at, to_at)

-- variable: from_at
SELECT coalesce(min(from_at), TIMESTAMP 'infinity') FROM touched_comparison

-- variable: to_at
SELECT coalesce(max(to_at), TIMESTAMP '-infinity') FROM touched_comparison

-- temp: our_charge
SELECT waba_id, charged_at, country, price_category AS category, billed_micros, unpriced_reason,
  CASE WHEN free_reason IS NULL THEN 'regular' WHEN free_reason LIKE 'free_entry%' THEN 'free_entry_point' ELSE 'free_customer_service' END AS pricing_type
FROM message_cost
WHERE charged_at >= getvariable('from_at') AND charged_at < getvariable('to_at')
  -- The longest time to live of a message: no delivery comes later than that after its request.
  AND message_at >= getvariable('from_at') - to_days(31) AND message_at < getvariable('to_at')
  AND waba_id IN (SELECT waba_id FROM touched_comparison WHERE report = 'pricing')

-- temp: our_template
SELECT waba_id, template_name, template_language, sent_at, delivered_at, read_at
FROM message_state
WHERE sent_at >= getvariable('from_at') AND sent_at < getvariable('to_at')
  AND message_at >= getvariable('from_at') - to_days(31) AND message_at < getvariable('to_at')
  AND template_name IS NOT NULL AND waba_id IN (SELECT waba_id FROM touched_comparison WHERE report = 'template')

-- query
WITH ours AS (
  SELECT t.report, t.waba_id, t.from_at, t.to_at,
    CASE WHEN list_contains(t.part, 'country') THEN o.country END AS country,
    CASE WHEN list_contains(t.part, 'pricing_category') THEN o.category END AS category,
    CASE WHEN list_contains(t.part, 'pricing_type') THEN o.pricing_type END AS pricing_type,
    NULL::VARCHAR AS template_name, NULL::VARCHAR AS template_language,
    NULL::BIGINT AS sent, count(*) AS delivered, NULL::BIGINT AS read,
    coalesce(sum(o.billed_micros), 0)::BIGINT AS cost_micros, count(*) FILTER (WHERE o.billed_micros IS NULL) AS unpriced
  FROM (SELECT *, string_split(parts, ',') AS part FROM touched_comparison WHERE report = 'pricing') AS t
  JOIN our_charge AS o ON o.waba_id = t.waba_id AND o.charged_at >= t.from_at AND o.charged_at < t.to_at
  GROUP BY t.report, t.waba_id, t.from_at, t.to_at, CASE WHEN list_contains(t.part, 'country') THEN o.country END,
    CASE WHEN list_contains(t.part, 'pricing_category') THEN o.category END, CASE WHEN list_contains(t.part, 'pricing_type') THEN o.pricing_type END
  UNION ALL
  -- Only templates that the platform was asked about: an answer has at most ten.
  SELECT t.report, t.waba_id, t.from_at, t.to_at, NULL, NULL, NULL, o.template_name, o.template_language,
    count(*), count(o.delivered_at), count(o.read_at), NULL, NULL
  FROM (SELECT * FROM touched_comparison WHERE report = 'template') AS t
  JOIN our_template AS o ON o.waba_id = t.waba_id AND o.sent_at >= t.from_at AND o.sent_at < t.to_at
  SEMI JOIN platform_figure AS f
    ON f.report = 'template' AND f.waba_id = t.waba_id AND f.from_at = t.from_at AND f.to_at = t.to_at
   AND f.template_name = o.template_name AND f.template_language IS NOT DISTINCT FROM o.template_language
  GROUP BY t.report, t.waba_id, t.from_at, t.to_at, o.template_name, o.template_language
),
theirs AS (
  SELECT f.* FROM platform_figure AS f SEMI JOIN touched_comparison AS t USING (report, waba_id, from_at, to_at)
),
side AS (
  SELECT report, waba_id, from_at, to_at, country, category, pricing_type, template_name, template_language,
    sent AS their_sent, NULL::BIGINT AS our_sent, delivered AS their_delivered, NULL::BIGINT AS our_delivered, read AS their_read, NULL::BIGINT AS our_read,
    cost_micros AS their_cost_micros, NULL::BIGINT AS our_cost_micros, NULL::BIGINT AS our_unpriced, 1 AS is_theirs
  FROM theirs
  UNION ALL
  SELECT report, waba_id, from_at, to_at, country, category, pricing_type, template_name, template_language,
    NULL, sent, NULL, delivered, NULL, read, NULL, cost_micros, unpriced, 0
  FROM ours
),
beside AS (
  SELECT report, waba_id, from_at, to_at, country, category, pricing_type, template_name, template_language,
    CASE WHEN report = 'template' THEN coalesce(sum(their_sent), 0)::BIGINT END AS their_sent,
    CASE WHEN report = 'template' THEN coalesce(sum(our_sent), 0)::BIGINT END AS our_sent,
    coalesce(sum(their_delivered), 0)::BIGINT AS their_delivered,
    coalesce(sum(our_delivered), 0)::BIGINT AS our_delivered,
    CASE WHEN report = 'template' THEN coalesce(sum(their_read), 0)::BIGINT END AS their_read,
    CASE WHEN report = 'template' THEN coalesce(sum(our_read), 0)::BIGINT END AS our_read,
    -- What they do not tell of at all cost them nothing; a hidden cost stays unknown.
    CASE WHEN max(is_theirs) = 1 THEN sum(their_cost_micros)::BIGINT ELSE 0 END AS their_cost_micros,
    CASE WHEN report = 'pricing' THEN coalesce(sum(our_cost_micros), 0)::BIGINT END AS our_cost_micros,
    coalesce(sum(our_unpriced), 0)::BIGINT AS our_unpriced
  FROM side
  GROUP BY report, waba_id, from_at, to_at, country, category, pricing_type, template_name, template_language
)
SELECT
  b.*,
  sum(b.their_delivered) OVER whole AS their_all,
  sum(b.our_delivered) OVER whole AS our_all,
  t.to_at - t.from_at < to_hours(23)
    OR (t.from_at AT TIME ZONE 'UTC' AT TIME ZONE coalesce(a.time_zone, 'UTC'))::TIME = TIME '00:00:00' AS starts_at_midnight,
  t.told_at,
  getvariable('as_of')::TIMESTAMP AS compared_at
FROM beside AS b
JOIN touched_comparison AS t USING (report, waba_id, from_at, to_at)
LEFT JOIN billing_account AS a ON a.waba_id = b.waba_id
WINDOW whole AS (PARTITION BY b.report, b.waba_id, b.from_at, b.to_at, b.country)

-- audit: what the platform told of an interval is here once
SELECT t.report, t.waba_id, t.from_at, f.delivered AS told, c.delivered AS here
FROM touched_comparison AS t
JOIN (SELECT report, waba_id, from_at, to_at, sum(delivered) AS delivered FROM platform_figure GROUP BY report, waba_id, from_at, to_at) AS f
  USING (report, waba_id, from_at, to_at)
LEFT JOIN (SELECT report, waba_id, from_at, to_at, sum(their_delivered) AS delivered FROM platform_comparison GROUP BY report, waba_id, from_at, to_at) AS c
  USING (report, waba_id, from_at, to_at)
WHERE coalesce(f.delivered, 0) IS DISTINCT FROM c.delivered

-- audit: every charged message of an interval is here once
SELECT t.waba_id, t.from_at, o.n AS in_facts, c.n AS here
FROM (FROM touched_comparison WHERE report = 'pricing') AS t
LEFT JOIN (SELECT report, waba_id, from_at, to_at, sum(our_delivered) AS n FROM platform_comparison GROUP BY report, waba_id, from_at, to_at) AS c
  USING (report, waba_id, from_at, to_at),
  LATERAL (SELECT count(*) AS n FROM fact_message AS m WHERE m.waba_id = t.waba_id AND m.delivered_at >= t.from_at AND m.delivered_at < t.to_at
           AND m.message_at >= getvariable('from_at') - to_days(31) AND m.message_at < getvariable('to_at')) AS o
WHERE o.n <> c.n AND NOT EXISTS (FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message))
