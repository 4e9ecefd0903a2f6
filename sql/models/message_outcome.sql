/*
name: message_outcome
kind: view
layer: staging
grain: one message that has been credited with something; others have no row
description: >
  What was credited to a message through time windows. Exact links (context, click) are on the message itself. An order told again under
  another event id counts for nothing.
columns:
  message_key: the message
  message_at: {description: its time, unit: UTC}
  replied_at: {description: first reply without context within the window, unit: UTC}
  unsubscribed_at: {description: first opt-out credited, unit: UTC}
  converted_at: {description: first order or goal attributed, unit: UTC}
  orders: {description: orders attributed, unit: orders}
*/
SELECT
  c.message_key,
  c.message_at,
  min(c.occurred_at) FILTER (WHERE c.kind = 'reply') AS replied_at,
  min(c.occurred_at) FILTER (WHERE c.kind = 'optout') AS unsubscribed_at,
  min(c.occurred_at) FILTER (WHERE c.kind IN ('order', 'goal') AND r.state IS DISTINCT FROM 'told_before') AS converted_at,
  count(*) FILTER (WHERE c.kind = 'order' AND r.state IS DISTINCT FROM 'told_before') AS orders
FROM event_credit AS c
LEFT JOIN order_revenue AS r ON r.event_id = c.event_id AND r.kind = c.kind
GROUP BY c.message_key, c.message_at
