/*
name: reply_cost_15m
kind: table
layer: mart
refresh: 15m
grain: one quarter hour of the message that was replied to x its campaign
time_column: bucket_at
description: >
  What it cost to answer the replies that a campaign caused. A delivered service message without a campaign of its own belongs to the newest thing that the
  person wrote within 24 hours before it; if that answered a message of a campaign (by its context, or credited to it), the cost is that campaign's. Service
  messages that nobody's reply led to are in no row.
columns:
  bucket_at: {description: start of the quarter hour in which the campaign's message began, unit: UTC}
  campaign_id: campaign
  answers: {description: service messages, unit: messages}
  unpriced: {description: "of those, whose cost is not known", unit: messages}
  cost_micros: {description: what the others cost, unit: micro-units of the reporting currency}
  last_event_at: {description: newest of these messages, unit: UTC}
*/

-- temp: service_answer
SELECT coalesce(p.contact, s.person_alias) AS person, s.message_key, s.message_at, c.cost_micros
FROM (SELECT message_key, message_at, person_alias FROM message_state
      WHERE campaign_id IS NULL AND delivered_at IS NOT NULL AND kind = 'service' AND person_alias IS NOT NULL) AS s
JOIN (SELECT message_key, cost_micros FROM message_cost WHERE campaign_id IS NULL) AS c USING (message_key)
LEFT JOIN contact_period AS p ON p.alias_id = s.person_alias AND s.message_at >= p.valid_from AND s.message_at < p.valid_to

-- temp: answered_word
-- All that people wrote; without a service message in the warehouse nothing has to be looked for.
SELECT i.message_id, i.context_id, i.occurred_at, coalesce(p.contact, i.alias_id) AS person
FROM (SELECT message_id, context_id, occurred_at, coalesce(user_alias, phone_alias) AS alias_id FROM fact_inbound
      WHERE counts_as_reply AND group_id IS NULL AND occurred_at >= (SELECT min(message_at) - to_days(1) FROM service_answer)) AS i
LEFT JOIN contact_period AS p ON p.alias_id = i.alias_id AND i.occurred_at >= p.valid_from AND i.occurred_at < p.valid_to
WHERE i.alias_id IS NOT NULL

-- temp: answer_cause
-- The newest thing written before each answer. Of two at one time the greater id counts.
SELECT a.message_key, a.message_at, a.cost_micros, w.message_id, w.context_id
FROM service_answer AS a
ASOF JOIN (SELECT person, occurred_at, max(message_id) AS message_id, arg_max(context_id, message_id) AS context_id
           FROM answered_word GROUP BY person, occurred_at) AS w
  ON w.person = a.person AND a.message_at >= w.occurred_at
WHERE a.message_at <= w.occurred_at + to_hours(24)

-- query
WITH named AS (
  SELECT m.message_id, min(m.message_at) AS message_at, arg_min(m.campaign_id, m.message_at) AS campaign_id
  FROM fact_message AS m
  SEMI JOIN answer_cause AS c ON c.context_id = m.message_id
  GROUP BY m.message_id
),
caused AS (
  SELECT c.*, n.message_at AS cause_at, n.campaign_id FROM answer_cause AS c JOIN named AS n ON n.message_id = c.context_id
  UNION ALL
  SELECT c.*, e.message_at, e.campaign_id FROM answer_cause AS c JOIN event_credit AS e ON e.kind = 'reply' AND e.event_id = c.message_id
  WHERE c.context_id IS NULL
)
SELECT quarter_hour(cause_at) AS bucket_at, campaign_id, count(*) AS answers, count(*) FILTER (WHERE cost_micros IS NULL) AS unpriced,
  coalesce(sum(cost_micros), 0)::BIGINT AS cost_micros, max(message_at) AS last_event_at
FROM caused
WHERE campaign_id IS NOT NULL
GROUP BY quarter_hour(cause_at), campaign_id

-- audit: an answer is counted once, and all that it cost at most
SELECT a.answers, m.answers AS counted
FROM (SELECT count(DISTINCT message_key) AS answers, coalesce(sum(cost_micros), 0) AS micros FROM service_answer) AS a,
  (SELECT coalesce(sum(answers), 0) AS answers, coalesce(sum(cost_micros), 0) AS micros FROM reply_cost_15m) AS m
WHERE m.answers > a.answers OR m.micros > a.micros

-- audit: every answer to somebody who named a campaign's message is here
SELECT c.n AS caused, m.n AS counted
FROM (SELECT count(*) AS n FROM answer_cause AS c
      WHERE EXISTS (FROM fact_message AS m WHERE m.message_id = c.context_id AND m.campaign_id IS NOT NULL)) AS c,
  (SELECT coalesce(sum(answers), 0) AS n FROM reply_cost_15m) AS m
WHERE c.n > m.n AND NOT EXISTS (FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message))
