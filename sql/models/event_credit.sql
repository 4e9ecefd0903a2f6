/*
name: event_credit
kind: view
layer: staging
grain: one event credited to one message
time_column: occurred_at
description: >
  The message that each reply without context, opt-out, order and goal is credited to by the default rule: the last one delivered to the person before
  it whose window was still open. Other rules are in touch_credit.
columns:
  kind: reply, optout, order or goal
  event_id: id of the event
  occurred_at: {description: when the event happened, unit: UTC}
  contact: the person, see contact_period
  message_key: the message credited
  message_at: {description: time of that message, unit: UTC}
  campaign_id: its campaign
  delivered_at: {description: when it was delivered, unit: UTC}
  order_id: of an order
  goal: of a goal
  amount_micros: {description: before refunds, unit: micro-units of the currency}
  currency: ISO 4217
*/
SELECT kind, event_id, occurred_at, contact, message_key, message_at, campaign_id, delivered_at, order_id, goal, amount_micros, currency
FROM touch_credit
WHERE rule = 'last' AND basis = 'exposure'
