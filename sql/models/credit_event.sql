/*
name: credit_event
kind: view
layer: staging
grain: one inbound message, opt-out or conversion that can be credited to a message
time_column: occurred_at
description: >
  Events that belong to the last message delivered before them. Replies whose context names a message are not here: that one
  has them. Nor are messages to groups, orders that the platform detected, and opt-outs that a refused send (131050) or the
  sender's own books tell of: those only correct the consent record. Consents given are here because they end an opt-out; they are credited to nothing.
columns:
  kind: reply, optout, optin, order or goal
  event_id: id of the event; of an inbound message its platform id
  occurred_at: {description: when, unit: UTC}
  alias_id: who, by the strongest alias known
  order_id: of an order
  goal: of a goal
  amount_micros: {description: before refunds, unit: micro-units of the currency}
  currency: ISO 4217
*/
SELECT 'reply' AS kind, message_id AS event_id, occurred_at, coalesce(user_alias, phone_alias) AS alias_id,
  NULL::VARCHAR AS order_id, NULL::VARCHAR AS goal, NULL::BIGINT AS amount_micros, NULL::VARCHAR AS currency
FROM fact_inbound
WHERE counts_as_reply AND context_id IS NULL AND group_id IS NULL
UNION ALL
SELECT 'optout', event_id, occurred_at, coalesce(contact_alias, user_alias, phone_alias), NULL, NULL, NULL, NULL
FROM fact_consent
WHERE state = 'withdrawn' AND source IN ('preference', 'stop_word', 'button')
UNION ALL
SELECT 'optin', event_id, occurred_at, coalesce(contact_alias, user_alias, phone_alias), NULL, NULL, NULL, NULL
FROM fact_consent
WHERE state = 'granted'
UNION ALL
SELECT kind, event_id, occurred_at, coalesce(contact_alias, user_alias, phone_alias), order_id, goal, amount_micros, currency
FROM fact_conversion
WHERE kind IN ('order', 'goal')
