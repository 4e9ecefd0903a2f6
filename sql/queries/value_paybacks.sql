-- What customers won by a campaign have brought, by months since the first of them bought, in the reporting currency. $campaign: one id, or NULL.
WITH won AS (
  SELECT c.campaign_id, o.customer, o.ordered_at
  FROM (SELECT customer, arg_min(event_id, (ordered_at, event_id)) AS event_id, min(ordered_at) AS ordered_at FROM customer_order WHERE is_purchase GROUP BY customer) AS o
  JOIN event_credit AS c ON c.kind = 'order' AND c.event_id = o.event_id
  WHERE c.campaign_id IS NOT NULL AND ($campaign::VARCHAR IS NULL OR c.campaign_id = $campaign)
),
begun AS (SELECT campaign_id, min(ordered_at) AS since FROM won GROUP BY campaign_id)
SELECT w.campaign_id, date_sub('month', b.since, o.ordered_at) AS month, sum(r.revenue_micros)::BIGINT AS micros
FROM won AS w
JOIN begun AS b USING (campaign_id)
JOIN customer_order AS o ON o.customer = w.customer
JOIN order_revenue AS r ON r.event_id = o.event_id AND r.kind = 'order'
WHERE r.revenue_micros IS NOT NULL
GROUP BY w.campaign_id, date_sub('month', b.since, o.ordered_at)
ORDER BY w.campaign_id, month;
