-- What campaigns cost and what is credited to them (last touch, delivery), in the reporting currency; with the centred sum of squares of the
-- revenue of one message, put together from the messages that brought something and those that did not. $campaign: one id, or NULL for all.
WITH spent AS (
  SELECT campaign_id, sum(delivered)::BIGINT AS delivered, sum(unpriced)::BIGINT AS unpriced, sum(cost_micros)::BIGINT AS cost_micros
  FROM money_15m
  WHERE campaign_id IS NOT NULL AND ($campaign IS NULL OR campaign_id = $campaign)
  GROUP BY campaign_id
),
earned AS (
  SELECT c.campaign_id, c.message_key, sum(r.revenue_micros) AS micros, count(*) FILTER (WHERE r.revenue_micros IS NULL) AS unvalued
  FROM touch_credit AS c JOIN order_revenue AS r ON r.event_id = c.event_id AND r.kind = c.kind
  WHERE c.rule = 'last' AND c.basis = 'exposure' AND c.kind IN ('order', 'goal') AND r.state <> 'told_before'
    AND c.campaign_id IS NOT NULL AND ($campaign IS NULL OR c.campaign_id = $campaign)
  GROUP BY c.campaign_id, c.message_key
),
dispersion AS (
  SELECT campaign_id, count(micros) AS earning, sum(micros)::BIGINT AS micros, avg(micros / 1e6) AS mean,
    var_pop(micros / 1e6) * count(micros) AS squares, sum(unvalued)::BIGINT AS unvalued
  FROM earned
  GROUP BY campaign_id
),
answered AS (
  SELECT campaign_id, sum(cost_micros)::BIGINT AS micros, sum(unpriced)::BIGINT AS unpriced FROM reply_cost_15m GROUP BY campaign_id
),
won AS (
  SELECT c.campaign_id, count(DISTINCT o.customer) AS customers
  FROM (SELECT customer, arg_min(event_id, (ordered_at, event_id)) AS event_id FROM customer_order WHERE is_purchase GROUP BY customer) AS o
  JOIN event_credit AS c ON c.kind = 'order' AND c.event_id = o.event_id
  GROUP BY c.campaign_id
)
SELECT
  s.campaign_id, w.name, w.margin::DOUBLE AS margin, (SELECT currency FROM reporting_currency) AS currency,
  s.delivered, s.unpriced, s.cost_micros,
  coalesce(d.micros, 0)::BIGINT AS revenue_micros,
  coalesce(d.squares + d.earning * greatest(s.delivered - d.earning, 0) / s.delivered * d.mean * d.mean, 0)::DOUBLE AS squares,
  coalesce(d.unvalued, 0)::BIGINT AS unvalued,
  coalesce(n.customers, 0)::BIGINT AS customers_won,
  coalesce(a.micros, 0)::BIGINT AS reply_cost_micros,
  coalesce(a.unpriced, 0)::BIGINT AS reply_unpriced
FROM spent AS s
LEFT JOIN campaign_window AS w ON w.campaign_id = s.campaign_id
LEFT JOIN dispersion AS d ON d.campaign_id = s.campaign_id
LEFT JOIN answered AS a ON a.campaign_id = s.campaign_id
LEFT JOIN won AS n ON n.campaign_id = s.campaign_id
ORDER BY s.cost_micros DESC, s.campaign_id;
