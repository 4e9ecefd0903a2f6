/*
name: platform_figure
kind: view
layer: staging
grain: one interval x country x category x type, or x template, of the platform's own analytics
time_column: from_at
description: >
  What the platform itself counted and charged, as handed in last. Of answers with different dimensions about one interval the newest one's
  are in force, so that nothing is counted twice; tiers and numbers are added up.
columns:
  report: pricing or template
  waba_id: WhatsApp business account
  from_at: {description: start of the interval, unit: UTC}
  to_at: {description: end of the interval, unit: UTC}
  parts: dimensions that it tells apart
  country: ISO 3166-1 alpha-2
  category: as on the rate card
  pricing_type: regular, free_customer_service or free_entry_point, as the platform spells it
  template_name: template
  template_language: language of the template
  sent: {description: of a template, unit: messages}
  delivered: {description: messages delivered, unit: messages}
  read: {description: of a template, unit: messages}
  cost_micros: {description: null where the platform hides it, unit: micro-units of the account's currency}
  told_at: {description: when it was handed in, unit: UTC}
*/
WITH current_parts AS (
  SELECT report, waba_id, from_at, to_at, arg_max(parts, (told_at, command_id)) AS parts
  FROM fact_platform_figure GROUP BY report, waba_id, from_at, to_at
),
newest AS (
  SELECT f.* FROM fact_platform_figure AS f SEMI JOIN current_parts USING (report, waba_id, from_at, to_at, parts)
  -- A data point told twice in one answer is one.
  QUALIFY row_number() OVER (PARTITION BY f.report, f.waba_id, f.from_at, f.to_at, f.country, f.phone_number, f.category, f.pricing_type, f.tier, f.template_id
    ORDER BY f.told_at DESC, f.command_id DESC, f.item DESC) = 1
),
template AS (
  SELECT template_id, max(template_name) AS template_name, max(template_language) AS template_language
  FROM fact_platform_event WHERE template_id IS NOT NULL GROUP BY template_id
)
SELECT
  n.report, n.waba_id, n.from_at, n.to_at, n.parts, n.country, coalesce(c.category, n.category) AS category, n.pricing_type,
  CASE WHEN n.template_id IS NOT NULL THEN coalesce(t.template_name, 'id ' || n.template_id) END AS template_name, t.template_language,
  sum(n.sent)::BIGINT AS sent, sum(n.delivered)::BIGINT AS delivered, sum(n.read)::BIGINT AS read,
  CASE WHEN count(n.cost_micros) = count(*) THEN sum(n.cost_micros)::BIGINT END AS cost_micros,
  max(n.told_at) AS told_at
FROM newest AS n
LEFT JOIN price_category AS c ON replace(c.pricing_category, '-', '_') = n.category
LEFT JOIN template AS t USING (template_id)
GROUP BY n.report, n.waba_id, n.from_at, n.to_at, n.parts, n.country, coalesce(c.category, n.category), n.pricing_type,
  CASE WHEN n.template_id IS NOT NULL THEN coalesce(t.template_name, 'id ' || n.template_id) END, t.template_language
