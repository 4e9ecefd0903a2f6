/*
name: touch_credit
kind: incremental
layer: staging
key: [kind, event_id]
touched: touched_credit
changes: contact
time_column: occurred_at
grain: one event x rule x basis, credited to one message
description: >
  Which message each reply without context, opt-out, order and goal is credited to, and why. A message is eligible when it was delivered to the person before
  the event and its window was still open (24 hours, 24 hours and 7 days after the delivery unless the campaign says otherwise; both ends count). Orders and goals are credited
  once by each rule: to the last touch (equal times: the greater message key) and to the first (the smaller one); a touch is the plain delivery, or
  the first click on the message, or the first reply to it before the event. Replies and opt-outs are credited to the last delivery only. Events without such a message have no row.
columns:
  kind: reply, optout, order or goal
  event_id: id of the event
  rule: last or first touch
  basis: what counts as a touch - exposure (the delivery), click or reply
  occurred_at: {description: when the event happened, unit: UTC}
  contact: the person, see contact_period
  message_key: the message credited
  message_at: {description: time of that message, unit: UTC}
  campaign_id: its campaign
  delivered_at: {description: when it was delivered, unit: UTC}
  touched_at: {description: the touch by which it is credited, unit: UTC}
  candidates: {description: messages that were eligible on this basis, unit: messages}
  order_id: of an order
  goal: of a goal
  amount_micros: {description: before refunds, unit: micro-units of the currency}
  currency: ISO 4217
*/

-- temp: affected_person
-- All persons that a changed alias has ever stood for, each with the time from which credits may differ. A link that changes whom an
-- alias stands for comes here through contact_period, with a time.
SELECT person, min(changed_at) AS from_at
FROM (
  SELECT alias_id AS person, changed_at FROM touched_contact
  UNION ALL
  SELECT p.contact, t.changed_at FROM touched_contact AS t JOIN contact_period AS p USING (alias_id)
)
WHERE changed_at IS NOT NULL
GROUP BY person

-- variable: from_at
SELECT CASE WHEN getvariable('full_build') THEN TIMESTAMP '-infinity' ELSE min(from_at) END FROM affected_person

-- temp: affected_alias
SELECT person AS alias_id FROM affected_person
UNION
SELECT p.alias_id FROM contact_period AS p SEMI JOIN affected_person AS a ON a.person = p.contact

-- temp: affected_period
SELECT alias_id, contact, valid_from, valid_to FROM contact_period
WHERE getvariable('full_build') OR alias_id IN (SELECT alias_id FROM affected_alias)

-- temp: affected_event
WITH named AS (
  SELECT e.*, coalesce(p.contact, e.alias_id) AS person
  FROM (FROM credit_event
        WHERE (getvariable('full_build') OR alias_id IN (SELECT alias_id FROM affected_alias))
          AND (occurred_at >= getvariable('from_at') OR kind IN ('optout', 'optin'))) AS e
  LEFT JOIN affected_period AS p ON p.alias_id = e.alias_id AND e.occurred_at >= p.valid_from AND e.occurred_at < p.valid_to
),
-- One opt-out is often told several times (a stop word, the preference, the sender's own books): within 24 hours, and without a
-- consent in between, only the first counts.
told AS (
  SELECT *,
    lag(kind) OVER (PARTITION BY person, kind IN ('optout', 'optin') ORDER BY occurred_at, event_id) AS kind_before,
    lag(occurred_at) OVER (PARTITION BY person, kind IN ('optout', 'optin') ORDER BY occurred_at, event_id) AS at_before
  FROM named
)
SELECT n.kind, n.event_id, n.occurred_at, n.person, n.order_id, n.goal, n.amount_micros, n.currency
FROM told AS n
LEFT JOIN affected_person AS a ON a.person = n.person
WHERE (getvariable('full_build') OR n.occurred_at >= a.from_at)
  AND n.kind <> 'optin'
  AND NOT (n.kind = 'optout' AND n.kind_before IS NOT DISTINCT FROM 'optout' AND n.occurred_at <= n.at_before + to_hours(24))

-- temp: touched_credit
SELECT kind, event_id FROM affected_event
UNION
SELECT c.kind, c.event_id FROM touch_credit AS c JOIN affected_person AS a ON a.person = c.contact
WHERE c.occurred_at >= a.from_at

-- temp: eventful_alias
SELECT person AS alias_id FROM affected_event
UNION
SELECT alias_id FROM affected_period WHERE contact IN (SELECT person FROM affected_event)

-- variable: longest_window
SELECT greatest(to_days(7), max(to_days(conversion_window_d)), max(to_hours(reply_window_h)), max(to_hours(optout_window_h))) FROM campaign_window

-- variable: credit_from
SELECT coalesce(min(occurred_at) - getvariable('longest_window'), TIMESTAMP 'infinity') FROM affected_event

-- variable: credit_to
SELECT max(occurred_at) FROM affected_event

-- temp: earlier_reply
-- Replies without context before the orders and goals: a touch of the message that they are credited to.
SELECT r.event_id, r.occurred_at, coalesce(p.contact, r.alias_id) AS person
FROM (FROM credit_event
      WHERE kind = 'reply' AND occurred_at >= getvariable('credit_from') AND occurred_at <= getvariable('credit_to')
        AND (getvariable('full_build') OR alias_id IN (SELECT alias_id FROM affected_alias))) AS r
LEFT JOIN affected_period AS p ON p.alias_id = r.alias_id AND r.occurred_at >= p.valid_from AND r.occurred_at < p.valid_to
SEMI JOIN (SELECT person FROM affected_event WHERE kind IN ('order', 'goal')) AS e ON e.person = coalesce(p.contact, r.alias_id)

-- query
WITH delivery AS NOT MATERIALIZED (
  SELECT message_key, message_at, campaign_id, delivered_at, clicked_at, replied_at, contact_alias, user_alias, phone_alias
  FROM fact_message
  WHERE delivered_at >= getvariable('credit_from') AND delivered_at <= getvariable('credit_to')
    -- The longest time to live of a message: no delivery comes later than that after its request.
    AND message_at >= getvariable('credit_from') - to_days(30) AND message_at <= getvariable('credit_to')
),
-- One column at a time, so that a scan reads the others only where there is none.
message AS (
  SELECT message_key, message_at, campaign_id, delivered_at, clicked_at, replied_at, contact_alias AS alias_id
  FROM delivery SEMI JOIN eventful_alias ON alias_id = contact_alias
  UNION ALL
  SELECT message_key, message_at, campaign_id, delivered_at, clicked_at, replied_at, user_alias
  FROM delivery SEMI JOIN eventful_alias ON alias_id = user_alias
  WHERE contact_alias IS NULL
  UNION ALL
  SELECT message_key, message_at, campaign_id, delivered_at, clicked_at, replied_at, phone_alias
  FROM delivery SEMI JOIN eventful_alias ON alias_id = phone_alias
  WHERE contact_alias IS NULL AND user_alias IS NULL
),
named AS (
  SELECT m.*, coalesce(p.contact, m.alias_id) AS person
  FROM message AS m
  LEFT JOIN affected_period AS p ON p.alias_id = m.alias_id AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
),
touch AS (
  SELECT
    n.*,
    n.delivered_at + to_hours(coalesce(w.reply_window_h, 24)) AS reply_until,
    n.delivered_at + to_hours(coalesce(w.optout_window_h, 24)) AS optout_until,
    n.delivered_at + to_days(coalesce(w.conversion_window_d, 7)) AS conversion_until
  FROM named AS n
  LEFT JOIN campaign_window AS w ON w.campaign_id = n.campaign_id
),
answered AS (
  SELECT message_key, min(occurred_at) AS answered_at
  FROM (
    SELECT t.message_key, r.occurred_at
    FROM earlier_reply AS r
    JOIN touch AS t ON t.person = r.person AND t.delivered_at <= r.occurred_at AND r.occurred_at <= t.reply_until
    QUALIFY row_number() OVER (PARTITION BY r.event_id ORDER BY t.delivered_at DESC, t.message_key DESC) = 1
  )
  GROUP BY message_key
),
eligible AS (
  SELECT e.kind, e.event_id, e.occurred_at, e.person AS contact, t.message_key, t.message_at, t.campaign_id, t.delivered_at, t.clicked_at,
    t.replied_at, e.order_id, e.goal, e.amount_micros, e.currency
  FROM affected_event AS e
  JOIN touch AS t
    ON t.person = e.person AND t.delivered_at <= e.occurred_at
   AND e.occurred_at <= CASE e.kind WHEN 'reply' THEN t.reply_until WHEN 'optout' THEN t.optout_until ELSE t.conversion_until END
),
touched AS (
  SELECT *, 'exposure' AS basis, delivered_at AS touched_at FROM eligible
  UNION ALL
  SELECT *, 'click', clicked_at FROM eligible WHERE kind IN ('order', 'goal') AND clicked_at <= occurred_at
  UNION ALL
  SELECT l.*, 'reply', least(l.replied_at, a.answered_at)
  FROM eligible AS l LEFT JOIN answered AS a USING (message_key)
  WHERE l.kind IN ('order', 'goal') AND least(l.replied_at, a.answered_at) <= l.occurred_at
),
ranked AS (
  SELECT *,
    row_number() OVER (PARTITION BY kind, event_id, basis ORDER BY touched_at DESC, message_key DESC) AS from_last,
    count(*) OVER (PARTITION BY kind, event_id, basis) AS candidates
  FROM touched
)
SELECT
  r.kind, r.event_id, u.rule, r.basis, r.occurred_at, r.contact, r.message_key, r.message_at, r.campaign_id, r.delivered_at, r.touched_at,
  r.candidates, r.order_id, r.goal, r.amount_micros, r.currency
FROM ranked AS r
JOIN (VALUES ('last'), ('first')) AS u(rule)
  ON u.rule = 'last' AND r.from_last = 1 OR u.rule = 'first' AND r.from_last = r.candidates AND r.kind IN ('order', 'goal')
ORDER BY r.message_at

-- emit: changed_message
WITH before AS (
  SELECT kind, event_id, rule, basis, message_key, quarter_hour(message_at) AS bucket_at, campaign_id FROM touch_credit SEMI JOIN touched_credit USING (kind, event_id)
),
now AS (SELECT kind, event_id, rule, basis, message_key, quarter_hour(message_at) AS bucket_at, campaign_id FROM touch_credit__next),
changed AS ((FROM before EXCEPT FROM now) UNION (FROM now EXCEPT FROM before))
SELECT DISTINCT bucket_at, campaign_id FROM changed

-- audit: an event is credited once by each rule, after the delivery and not before the touch
SELECT kind, event_id, rule, basis, count(*) AS credits, min(occurred_at) AS occurred_at, max(delivered_at) AS delivered_at
FROM touch_credit SEMI JOIN affected_event USING (kind, event_id)
GROUP BY kind, event_id, rule, basis
HAVING count(*) > 1 OR min(occurred_at) < max(touched_at) OR max(touched_at) < min(delivered_at)
