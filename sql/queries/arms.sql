-- The arms of a campaign as its newest registration has them. $campaign, $command: its id and that of the registration in force.
SELECT variant_id, name, weight, is_holdout
FROM dim_variant
WHERE campaign_id = $campaign AND command_id = $command
ORDER BY variant_id;
