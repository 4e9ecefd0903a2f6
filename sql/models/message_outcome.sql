/*
name: message_outcome
kind: view
layer: staging
grain: one message that has been credited with something; others have no row
description: What was credited to a message through time windows. Exact links (context, click) are on the message itself.
columns:
  message_key: the message
  message_at: {description: its time, unit: UTC}
  replied_at: {description: first reply without context within the window, unit: UTC}
  unsubscribed_at: {description: first opt-out credited, unit: UTC}
  converted_at: {description: first order or goal attributed, unit: UTC}
  orders: {description: orders attributed, unit: orders}
*/
SELECT
  message_key,
  message_at,
  min(occurred_at) FILTER (WHERE kind = 'reply') AS replied_at,
  min(occurred_at) FILTER (WHERE kind = 'optout') AS unsubscribed_at,
  min(occurred_at) FILTER (WHERE kind IN ('order', 'goal')) AS converted_at,
  count(*) FILTER (WHERE kind = 'order') AS orders
FROM event_credit
GROUP BY message_key, message_at
