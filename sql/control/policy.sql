-- The newest policy of each campaign that has one.
SELECT campaign_id, policy::VARCHAR AS policy
FROM (SELECT campaign_id, json_extract(arg_max(settings, (changed_at, command_id)), '$.body.policy') AS policy
      FROM dim_campaign GROUP BY campaign_id)
WHERE json_type(policy) = 'OBJECT' AND len(json_keys(policy)) > 0
ORDER BY campaign_id;
