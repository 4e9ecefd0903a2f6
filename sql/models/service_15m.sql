/*
name: service_15m
kind: view
layer: mart
grain: one quarter hour x number
time_column: bucket_at
description: >
  How customers who wrote were served, by the quarter hour in which their turn began (see inbound_answer), and what they answered to
  surveys. All counts are additive.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  phone_number_id: the number written to
  waba_id: WhatsApp business account
  inbound: {description: messages that count as a reply, unit: messages}
  turns: {description: times that customers began to wait, unit: turns}
  answered: {description: answered within 72 hours, unit: turns}
  answered_5m: {description: answered within 5 minutes, unit: turns}
  answered_2h: {description: answered within 2 hours, unit: turns}
  answered_24h: {description: answered while writing was free, unit: turns}
  answer_s: {description: from the first message of the turn to the answer, unit: seconds}
  nps_answers: {description: answers from 0 to 10, unit: answers}
  promoters: {description: 9 or 10, unit: answers}
  detractors: {description: 0 to 6, unit: answers}
  csat_answers: {description: answers from 1 to 5, unit: answers}
  satisfied: {description: 4 or 5, unit: answers}
  last_event_at: {description: newest message or answer, unit: UTC}
*/
SELECT
  quarter_hour(occurred_at) AS bucket_at,
  phone_number_id,
  waba_id,
  count(*) AS inbound,
  count(*) FILTER (WHERE begins_turn) AS turns,
  count(answered_at) FILTER (WHERE begins_turn) AS answered,
  count(*) FILTER (WHERE begins_turn AND answered_at <= occurred_at + to_minutes(5)) AS answered_5m,
  count(*) FILTER (WHERE begins_turn AND answered_at <= occurred_at + to_hours(2)) AS answered_2h,
  count(*) FILTER (WHERE begins_turn AND answered_at <= occurred_at + to_hours(24)) AS answered_24h,
  coalesce(sum(date_sub('second', occurred_at, answered_at)) FILTER (WHERE begins_turn AND answered_at IS NOT NULL), 0)::BIGINT AS answer_s,
  count(score) FILTER (WHERE survey = 'nps') AS nps_answers,
  count(*) FILTER (WHERE survey = 'nps' AND score >= 9) AS promoters,
  count(*) FILTER (WHERE survey = 'nps' AND score <= 6) AS detractors,
  count(score) FILTER (WHERE survey = 'csat') AS csat_answers,
  count(*) FILTER (WHERE survey = 'csat' AND score >= 4) AS satisfied,
  greatest(max(occurred_at), max(answered_at)) AS last_event_at
FROM inbound_answer
GROUP BY quarter_hour(occurred_at), phone_number_id, waba_id

-- audit: every message is counted once
SELECT a.n AS messages, b.n AS counted
FROM (SELECT count(*) AS n FROM inbound_answer) AS a, (SELECT coalesce(sum(inbound), 0) AS n FROM service_15m) AS b
WHERE a.n <> b.n
