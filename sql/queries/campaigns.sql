-- Campaigns registered by command or seen in the marts, newest activity first. $campaign: one id, or NULL for all.
WITH registered AS (
  SELECT DISTINCT ON (campaign_id) *
  FROM dim_campaign
  WHERE $campaign IS NULL OR campaign_id = $campaign
  ORDER BY campaign_id, changed_at DESC, command_id DESC
),
seen AS (
  SELECT campaign_id, min(bucket_at) AS first_at, max(bucket_at) AS last_at
  FROM funnel_15m
  WHERE campaign_id IS NOT NULL AND ($campaign IS NULL OR campaign_id = $campaign)
  GROUP BY campaign_id
)
SELECT
  coalesce(r.campaign_id, s.campaign_id) AS campaign_id, r.name, r.objective, r.category, r.campaign_id IS NOT NULL AS registered,
  s.first_at, s.last_at, r.command_id,
  r.phone_number_id, r.template_name, r.template_language, r.margin::DOUBLE AS margin,
  coalesce(r.reply_window_h, 24) AS reply_window_h, coalesce(r.optout_window_h, 24) AS optout_window_h,
  coalesce(r.conversion_window_d, 7) AS conversion_window_d
FROM registered AS r
FULL JOIN seen AS s ON s.campaign_id = r.campaign_id
ORDER BY s.last_at DESC NULLS LAST, campaign_id;
