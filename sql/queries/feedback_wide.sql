-- Of feedback_share one row a quarter hour and category, a column for each step: NULL where all is expected.
SELECT
  bucket_at,
  category,
  max(share) FILTER (WHERE signal = 'attempted') AS attempted,
  max(share) FILTER (WHERE signal = 'delivered') AS delivered,
  max(share) FILTER (WHERE signal = 'read') AS read,
  max(share) FILTER (WHERE signal = 'replied') AS replied,
  max(share) FILTER (WHERE signal = 'clicked') AS clicked,
  max(share) FILTER (WHERE signal = 'converted') AS converted,
  max(share) FILTER (WHERE signal = 'unsubscribed') AS unsubscribed,
  max(share) FILTER (WHERE signal = 'failed') AS failed,
  max(share) FILTER (WHERE signal = 'platform_blocked') AS platform_blocked
FROM feedback_share
GROUP BY bucket_at, category
