-- Templates, numbers and portfolios with history: at least 500 deliveries in the 30 days before the last 72 hours. All others are new to
-- the platform, as far as anybody here knows, and it paces them.
WITH delivered AS (
  SELECT template_name, phone_number_id, waba_id, count(*) AS messages
  FROM fact_message
  WHERE message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to') AND delivered_at IS NOT NULL
  GROUP BY template_name, phone_number_id, waba_id
)
SELECT 'template' AS kind, template_name AS id FROM delivered
WHERE template_name IS NOT NULL
GROUP BY template_name
HAVING sum(messages) >= 500
UNION ALL
SELECT 'number', phone_number_id FROM delivered
WHERE phone_number_id IS NOT NULL
GROUP BY phone_number_id
HAVING sum(messages) >= 500
UNION ALL
SELECT 'portfolio', w.portfolio_id
FROM delivered AS d
LEFT JOIN control_old.number AS n USING (phone_number_id)
JOIN waba_portfolio AS w ON w.waba_id = coalesce(n.waba_id, d.waba_id)
WHERE w.portfolio_id IS NOT NULL
GROUP BY w.portfolio_id
HAVING sum(d.messages) >= 500
ORDER BY kind, id;
