-- What a message of a campaign cost by segment, in the reporting currency, and the campaign's margin. NULL where any message's cost is not
-- known. $campaign: its id.
WITH cost AS (
  SELECT segment_id, sum(cost_micros)::DOUBLE / 1e6 AS cost, sum(unpriced) AS unpriced FROM money_15m WHERE campaign_id = $campaign GROUP BY segment_id
),
sent AS (
  SELECT segment_id, sum(messages)::DOUBLE AS messages FROM funnel_15m WHERE campaign_id = $campaign GROUP BY segment_id
)
SELECT
  s.segment_id,
  CASE WHEN c.unpriced = 0 AND s.messages > 0 THEN c.cost / s.messages END AS cost_per_message,
  (SELECT currency FROM reporting_currency) AS currency,
  (SELECT margin::DOUBLE FROM dim_campaign WHERE campaign_id = $campaign ORDER BY changed_at DESC, command_id DESC LIMIT 1) AS margin
FROM sent AS s
JOIN cost AS c ON c.segment_id IS NOT DISTINCT FROM s.segment_id;
