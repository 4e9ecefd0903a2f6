-- The messages that a figure of the funnel counts, newest first: $counts is a column of funnel_15m, and each case below is how that column counts
-- it. Per dimension the values to keep, parted by the unit separator; null keeps all, an empty value stands for what is not known.
WITH chosen AS (
  SELECT m.*, o.converted_at, o.unsubscribed_at,
    least(o.replied_at, CASE WHEN m.replied_at <= m.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) THEN m.replied_at END) AS answered_at,
    CASE WHEN m.country IS NOT NULL THEN coalesce(c.market, 'Other') END AS market
  FROM message_state AS m
  LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
  LEFT JOIN (FROM message_outcome WHERE message_at >= $from::TIMESTAMP AND message_at < $to::TIMESTAMP) AS o ON o.message_key = m.message_key
  LEFT JOIN country_market AS c ON c.country = m.country AND m.message_at >= c.valid_from AND m.message_at < c.valid_to
  WHERE m.message_at >= $from::TIMESTAMP AND m.message_at < $to::TIMESTAMP
    AND ($campaign::VARCHAR IS NULL OR list_contains(string_split($campaign::VARCHAR, chr(31)), coalesce(m.campaign_id, '')))
    AND ($variant::VARCHAR IS NULL OR list_contains(string_split($variant::VARCHAR, chr(31)), coalesce(m.variant_id, '')))
    AND ($template::VARCHAR IS NULL OR list_contains(string_split($template::VARCHAR, chr(31)), coalesce(m.template_name, '')))
    AND ($category::VARCHAR IS NULL OR list_contains(string_split($category::VARCHAR, chr(31)), coalesce(m.category, '')))
    AND ($phone_number::VARCHAR IS NULL OR list_contains(string_split($phone_number::VARCHAR, chr(31)), coalesce(m.phone_number_id, '')))
    AND ($segment::VARCHAR IS NULL OR list_contains(string_split($segment::VARCHAR, chr(31)), coalesce(m.segment_id, '')))
    AND ($error_code::VARCHAR IS NULL OR list_contains(string_split($error_code::VARCHAR, chr(31)), coalesce(m.error_code::VARCHAR, '')))
),
newest AS (
  SELECT *
  FROM chosen
  WHERE ($market::VARCHAR IS NULL OR list_contains(string_split($market::VARCHAR, chr(31)), coalesce(market, '')))
    AND CASE $counts
      WHEN 'messages' THEN true
      WHEN 'requested' THEN requested
      WHEN 'accepted' THEN accepted
      WHEN 'held' THEN held
      WHEN 'still_held' THEN still_held
      WHEN 'attempted' THEN attempted
      WHEN 'attempted_no_blocks' THEN attempted AND NOT platform_blocked
      WHEN 'platform_blocked' THEN platform_blocked
      WHEN 'sent' THEN sent
      WHEN 'delivered' THEN delivered_at IS NOT NULL
      WHEN 'read' THEN read_at IS NOT NULL
      WHEN 'played' THEN played_at IS NOT NULL
      WHEN 'replied' THEN answered_at IS NOT NULL
      WHEN 'clicked' THEN clicked_at IS NOT NULL
      WHEN 'converted' THEN converted_at IS NOT NULL
      WHEN 'unsubscribed' THEN unsubscribed_at IS NOT NULL
      WHEN 'failed' THEN failed_at IS NOT NULL
      WHEN 'attempted_failed' THEN failed_at IS NOT NULL AND attempted
      WHEN 'refused' THEN refused
      WHEN 'dropped' THEN dropped
    END
  ORDER BY message_at DESC, message_key
  LIMIT $limit::BIGINT + 1
)
SELECT
  n.message_key AS message_id, n.message_at, n.campaign_id, n.variant_id, n.template_name, n.category, n.phone_number_id, n.segment_id, n.market,
  CASE WHEN own.kind = 'contact' THEN own.value END AS contact_id,
  CASE WHEN own.kind = 'phone' THEN own.value ELSE p.value END AS phone,
  n.sent_at, n.delivered_at, n.read_at, n.answered_at, n.clicked_at, n.converted_at, n.unsubscribed_at, n.failed_at, n.error_code
FROM newest AS n
LEFT JOIN contact_alias AS own ON own.alias_id = n.person_alias
LEFT JOIN contact_alias AS p ON p.alias_id = n.phone_alias
ORDER BY n.message_at DESC, n.message_key;
