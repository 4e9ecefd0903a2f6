-- Which of the write_*.sql this lane needs: each costs something even where it changes nothing. And `harm`, by campaign: how many of its
-- messages the batch touches, and how many of those fail by it.
SELECT
  bool_or(CASE WHEN is_old THEN offers_identity AND origin_known ELSE several_ids END) AS resent,
  bool_or(is_old AND old_delivered_at IS NOT NULL AND (offers_identity OR offers_request)) AS former,
  bool_or(is_old AND changes_state) AS state,
  bool_or(is_old AND (takes_failure OR changes_state AND dropped_at IS NOT NULL)) AS failure,
  bool_or(is_old AND takes_price) AS price,
  bool_or(is_old AND offers_identity) AS identity,
  bool_or(is_old AND offers_request) AS request,
  bool_or(NOT is_old) AS new,
  bool_or(NOT is_old AND NOT origin_known) AS unlinked,
  bool_or(NOT is_old OR changes_state OR takes_price OR offers_identity OR offers_request) AS bucket,
  bool_or(delivered_at IS NOT NULL
    AND (NOT is_old OR moves_touch OR offers_identity OR offers_request OR delivered_at IS DISTINCT FROM old_delivered_at
         OR message_at IS DISTINCT FROM old_message_at)) AS person,
  (SELECT list({campaign_id: campaign_id, touched: touched, failed: failed})
   FROM (
     SELECT coalesce(old_campaign_id, offered_campaign_id) AS campaign_id, count(*)::DOUBLE AS touched,
       (count(*) FILTER (takes_failure AND old_failure IS NULL AND delivered_at IS NULL))::DOUBLE AS failed
     FROM merged
     GROUP BY coalesce(old_campaign_id, offered_campaign_id)
   )
   WHERE failed > 0) AS harm
FROM merged;
