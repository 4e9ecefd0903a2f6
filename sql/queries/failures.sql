-- Failed messages of one campaign by error code, most first. $campaign: its id.
SELECT f.error_code, any_value(e.meaning) AS title, sum(f.failed)::BIGINT AS messages
FROM failure_15m AS f
LEFT JOIN error_code AS e ON e.code = f.error_code
WHERE f.campaign_id = $campaign
GROUP BY f.error_code
ORDER BY messages DESC, f.error_code;
