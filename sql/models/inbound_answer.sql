/*
name: inbound_answer
kind: incremental
layer: staging
key: [message_id]
touched: touched_inbound
changes: contact
time_column: occurred_at
grain: one inbound message that counts as a reply, outside of groups
description: >
  What customers wrote and when they were answered. An answer is a delivered message without a campaign or of the category service, or one
  typed in the phone app (an echo), from the number that the customer wrote to, at the same time or later; after 72 hours it is none. A turn
  begins with the first message that no earlier one waits beside: what a customer writes before the answer belongs to one turn.
columns:
  message_id: inbound message
  occurred_at: {description: when, unit: UTC}
  contact: the person, see contact_period
  phone_number_id: the number written to
  waba_id: its account
  begins_turn: first message since the last answer, or since 72 hours without one
  answered_at: {description: first answer within 72 hours, unit: UTC}
  survey: nps or csat, when the message is a tap on a button or list row named nps:0 to nps:10 or csat:1 to csat:5, or a flow with such a field
  score: {description: the answer to the survey, unit: points}
*/

-- temp: affected_person
-- All persons that a changed alias has ever stood for, each with the time from which their conversation may differ.
SELECT person, min(changed_at) AS from_at
FROM (
  SELECT alias_id AS person, changed_at FROM touched_contact
  UNION ALL
  SELECT p.contact, t.changed_at FROM touched_contact AS t JOIN contact_period AS p USING (alias_id)
)
WHERE changed_at IS NOT NULL
GROUP BY person

-- variable: heard_from
-- A change reaches back to messages that wait for an answer, and those to the ones that they wait beside.
SELECT CASE WHEN getvariable('full_build') THEN TIMESTAMP '-infinity' ELSE min(from_at) - to_hours(144) END FROM affected_person

-- temp: heard
-- What was written lately is little: it is named first, and cut down to the people affected then.
SELECT s.*, coalesce(p.contact, s.alias_id) AS person
FROM (
  SELECT message_id, occurred_at, coalesce(user_alias, phone_alias) AS alias_id, phone_number_id, waba_id, button_payload,
    counted_type = 'echo' AS is_ours
  FROM fact_inbound
  WHERE (counts_as_reply OR counted_type = 'echo') AND group_id IS NULL AND occurred_at >= getvariable('heard_from')
) AS s
LEFT JOIN contact_period AS p ON p.alias_id = s.alias_id AND s.occurred_at >= p.valid_from AND s.occurred_at < p.valid_to
WHERE getvariable('full_build') OR coalesce(p.contact, s.alias_id) IN (SELECT person FROM affected_person)

-- temp: touched_inbound
SELECT h.message_id
FROM heard AS h LEFT JOIN affected_person AS a USING (person)
WHERE NOT h.is_ours AND (getvariable('full_build') OR h.occurred_at >= a.from_at - to_hours(72))
UNION
SELECT i.message_id
FROM inbound_answer AS i JOIN affected_person AS a ON a.person = i.contact
WHERE i.occurred_at >= a.from_at - to_hours(72)

-- temp: waiting_alias
-- Whose answers have to be looked for, by all names.
SELECT person AS alias_id FROM heard WHERE NOT is_ours
UNION
SELECT alias_id FROM contact_period WHERE contact IN (SELECT person FROM heard WHERE NOT is_ours)

-- temp: waiting_period
SELECT alias_id, contact, valid_from, valid_to FROM contact_period WHERE alias_id IN (SELECT alias_id FROM waiting_alias)

-- variable: answers_from
SELECT coalesce(min(occurred_at), TIMESTAMP 'infinity') FROM heard WHERE NOT is_ours

-- temp: answer
-- Two scans that skip what is no answer: an OR would have to be asked of every message.
WITH ours AS NOT MATERIALIZED (
  SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, message_at, phone_number_id
  FROM fact_message
  WHERE message_at >= getvariable('answers_from') AND campaign_id IS NULL AND delivered_at IS NOT NULL
  UNION ALL
  SELECT coalesce(contact_alias, user_alias, phone_alias), message_at, phone_number_id
  FROM fact_message
  WHERE message_at >= getvariable('answers_from') AND campaign_id IS NOT NULL AND category = 'service' AND delivered_at IS NOT NULL
)
SELECT coalesce(p.contact, o.alias_id) AS person, coalesce(o.phone_number_id, '') AS number, o.message_at AS given_at
FROM (FROM ours SEMI JOIN waiting_alias USING (alias_id)) AS o
LEFT JOIN waiting_period AS p ON p.alias_id = o.alias_id AND o.message_at >= p.valid_from AND o.message_at < p.valid_to
UNION ALL
SELECT person, coalesce(phone_number_id, ''), occurred_at FROM heard WHERE is_ours

-- query
WITH met AS (
  SELECT h.*, CASE WHEN a.given_at <= h.occurred_at + to_hours(72) THEN a.given_at END AS answered_at
  FROM (FROM heard WHERE NOT is_ours) AS h
  ASOF LEFT JOIN answer AS a ON a.person = h.person AND a.number = coalesce(h.phone_number_id, '') AND h.occurred_at <= a.given_at
),
turned AS (
  SELECT *,
    lag(occurred_at) OVER one AS before_at,
    lag(answered_at) OVER one AS before_answered_at,
    regexp_extract(button_payload, '^(nps|csat):([0-9]|10)$', ['survey', 'score']) AS told
  FROM met
  WINDOW one AS (PARTITION BY person, coalesce(phone_number_id, '') ORDER BY occurred_at, message_id)
)
SELECT
  message_id,
  occurred_at,
  person AS contact,
  phone_number_id,
  waba_id,
  before_at IS NULL OR occurred_at > before_at + to_hours(72) OR coalesce(before_answered_at <= occurred_at, false) AS begins_turn,
  answered_at,
  nullif(told.survey, '') AS survey,
  CASE WHEN told.survey = 'nps' OR TRY_CAST(told.score AS INTEGER) BETWEEN 1 AND 5 THEN TRY_CAST(told.score AS INTEGER) END AS score
FROM turned

-- audit: every message that counts as a reply is here once
SELECT sum(in_facts) AS in_facts, sum(in_mart) AS in_mart
FROM (
  SELECT count(*) AS in_facts, 0 AS in_mart FROM fact_inbound
  WHERE counts_as_reply AND group_id IS NULL AND coalesce(user_alias, phone_alias) IS NOT NULL AND getvariable('full_build')
  UNION ALL
  SELECT 0, count(*) FROM inbound_answer WHERE contact IS NOT NULL AND getvariable('full_build')
)
HAVING sum(in_facts) > sum(in_mart) + (SELECT count(*) FROM changed_contact WHERE seq NOT IN (SELECT seq FROM claimed_contact))

-- audit: an answer comes after the message, within 72 hours
SELECT message_id, occurred_at, answered_at FROM inbound_answer SEMI JOIN heard USING (message_id)
WHERE answered_at < occurred_at OR answered_at > occurred_at + to_hours(72)
