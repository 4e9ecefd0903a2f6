-- The models' buckets that change, before and after.
INSERT INTO changed_message (bucket_at, campaign_id)
SELECT bucket_at, campaign_id FROM (
  SELECT quarter_hour(old_message_at) AS bucket_at, old_campaign_id AS campaign_id FROM merged
  WHERE is_old AND (changes_state OR takes_price OR offers_identity OR offers_request)
  UNION
  SELECT quarter_hour(message_at), old_campaign_id FROM merged
  WHERE is_old AND (changes_state OR takes_price OR offers_identity OR offers_request)
  UNION
  SELECT quarter_hour(g.message_at), f.campaign_id FROM merged AS g JOIN fold AS f ON f.message_key = g.message_key
  WHERE NOT g.is_old OR g.offers_request
);
