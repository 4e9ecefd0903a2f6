/*
name: campaign_window
kind: incremental
layer: staging
key: [campaign_id]
touched: changed_campaign
grain: one registered campaign
description: The newest registration of each campaign, with its windows and its margin. Campaigns without one have 24 hours, 24 hours and 7 days, and no margin that is known.
columns:
  campaign_id: campaign
  name: as registered
  reply_window_h: {description: after delivery, unit: hours}
  optout_window_h: {description: after delivery, unit: hours}
  conversion_window_d: {description: after delivery, unit: days}
  margin: {description: of revenue that is left after the goods are paid; null when it is not known, unit: share}
*/

-- temp: newest_campaign
SELECT campaign_id, name, reply_window_h, optout_window_h, conversion_window_d, margin
FROM dim_campaign
QUALIFY row_number() OVER (PARTITION BY campaign_id ORDER BY changed_at DESC, command_id DESC) = 1

-- temp: changed_campaign
SELECT campaign_id FROM (SELECT * FROM newest_campaign EXCEPT SELECT * FROM campaign_window)

-- temp: changed_window
SELECT n.campaign_id
FROM newest_campaign AS n
LEFT JOIN campaign_window AS o USING (campaign_id)
WHERE (n.reply_window_h, n.optout_window_h, n.conversion_window_d)
   IS DISTINCT FROM (coalesce(o.reply_window_h, 24), coalesce(o.optout_window_h, 24), coalesce(o.conversion_window_d, 7))

-- temp: changed_margin
SELECT n.campaign_id
FROM newest_campaign AS n
LEFT JOIN campaign_window AS o USING (campaign_id)
WHERE n.margin IS DISTINCT FROM o.margin

-- query
SELECT campaign_id, name, reply_window_h, optout_window_h, conversion_window_d, margin
FROM newest_campaign

-- emit: changed_message
SELECT DISTINCT quarter_hour(message_at) AS bucket_at, campaign_id
FROM fact_message SEMI JOIN (FROM changed_window UNION FROM changed_margin) AS c USING (campaign_id)

-- emit: changed_contact
SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, min(message_at) AS changed_at
FROM fact_message SEMI JOIN changed_window USING (campaign_id)
WHERE coalesce(contact_alias, user_alias, phone_alias) IS NOT NULL
GROUP BY coalesce(contact_alias, user_alias, phone_alias)

-- audit: one row a campaign
SELECT campaign_id, count(*) AS copies FROM campaign_window GROUP BY campaign_id HAVING count(*) > 1
