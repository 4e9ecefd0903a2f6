/*
name: experiment_person
kind: incremental
layer: staging
key: [experiment_id, contact]
touched: touched_person
changes: contact
time_column: assigned_hour
grain: one person in one experiment
description: >
  What each assigned person did within the window of the experiment, whether anything reached them or not: by intention to treat. The
  window begins at the assignment (of arms of a timing test: at the arm's own time) and lasts as many hours as the experiment says; both ends
  count. The first assignment decides the arm. Messages count when they are of the experiment's campaign and not older than the assignment.
columns:
  experiment_id: experiment
  contact: the person, by the sender's own contact id
  assigned_hour: {description: hour of the assignment, unit: UTC}
  assigned_at: {description: first assignment, unit: UTC}
  arm_id: arm of the first assignment
  is_crossed: true when the person is in more than one arm
  market: the platform's market of the person
  segment_id: the segment entered last before the assignment, and not left by then
  messages: {description: requested within the window, unit: messages}
  first_message_at: {description: the first of them, unit: UTC}
  is_delivered: reached by one of them
  has_read: read one of them
  has_replied: replied to one of them
  has_clicked: clicked on one of them, or on another link of the campaign
  has_converted: ordered or reached the experiment's goal
  has_unsubscribed: opted out
  has_failed: one of the messages failed
  has_negative_reply: wrote a stop word or tapped a stop button
  revenue: {description: orders without refunds, unit: currency}
  revenue_before: {description: orders of the 28 days before the window, unit: currency}
  currency: of the orders; null without any, "mixed" when there are several
*/

-- temp: affected_contact
SELECT alias_id AS contact FROM touched_contact
UNION
SELECT p.contact FROM touched_contact AS t JOIN contact_period AS p USING (alias_id)

-- temp: touched_person
SELECT DISTINCT experiment_id, contact_alias AS contact
FROM fact_assignment SEMI JOIN experiment_definition USING (experiment_id)
WHERE getvariable('full_build') OR contact_alias IN (SELECT contact FROM affected_contact)

-- temp: person_window
WITH first AS (
  SELECT a.experiment_id, a.contact_alias AS contact, min(a.assigned_at) AS assigned_at,
    arg_min(a.arm_id, (a.assigned_at, a.event_id)) AS arm_id, count(DISTINCT a.arm_id) > 1 AS is_crossed
  FROM fact_assignment AS a
  SEMI JOIN touched_person AS t ON t.experiment_id = a.experiment_id AND t.contact = a.contact_alias
  GROUP BY a.experiment_id, a.contact_alias
)
SELECT f.*, d.campaign_id, d.goal, d.currency, f.assigned_at + to_hours(coalesce(r.send_after_h, 0)) AS start_at,
  f.assigned_at + to_hours(coalesce(r.send_after_h, 0) + d.age_h) AS end_at
FROM first AS f
JOIN experiment_definition AS d USING (experiment_id)
LEFT JOIN experiment_arm AS r ON r.experiment_id = f.experiment_id AND r.arm_id = f.arm_id

-- variable: person_from
SELECT coalesce(min(assigned_at), TIMESTAMP 'infinity') FROM person_window

-- variable: person_to
SELECT coalesce(max(end_at), TIMESTAMP '-infinity') FROM person_window

-- variable: from_at
SELECT date_trunc('hour', least(getvariable('person_from'), min(assigned_hour))) FROM experiment_person SEMI JOIN touched_person USING (experiment_id, contact)

-- temp: person_alias
-- All that names the people asked about, and when. A contact id always stands for itself.
SELECT DISTINCT contact AS alias_id, contact, TIMESTAMP '-infinity' AS valid_from, TIMESTAMP 'infinity' AS valid_to FROM person_window
UNION ALL
SELECT p.alias_id, p.contact, p.valid_from, p.valid_to FROM contact_period AS p SEMI JOIN person_window AS w USING (contact)

-- query
WITH message AS (
  SELECT w.experiment_id, w.contact,
    count(*) AS messages,
    min(m.message_at) AS first_message_at,
    bool_or(coalesce(m.delivered_at <= w.end_at, false)) AS is_delivered,
    bool_or(coalesce(m.read_at <= w.end_at, false)) AS has_read,
    bool_or(coalesce(m.replied_at <= w.end_at, false)) AS has_replied,
    bool_or(coalesce(m.clicked_at <= w.end_at, false)) AS has_clicked,
    bool_or(coalesce(m.failed_at <= w.end_at, false)) AS has_failed
  FROM (FROM experiment_message WHERE message_at >= getvariable('person_from') AND message_at <= getvariable('person_to')) AS m
  JOIN person_alias AS a ON a.alias_id = m.alias_id AND m.message_at >= a.valid_from AND m.message_at < a.valid_to
  JOIN person_window AS w ON w.contact = a.contact AND w.campaign_id = m.campaign_id
    AND m.message_at >= w.assigned_at AND m.message_at <= w.end_at
  GROUP BY w.experiment_id, w.contact
),
click AS (
  SELECT DISTINCT w.experiment_id, w.contact
  FROM (FROM fact_click WHERE occurred_at >= getvariable('person_from') AND occurred_at <= getvariable('person_to')) AS c
  JOIN person_window AS w ON w.contact = c.contact_alias AND w.campaign_id = c.campaign_id
    AND c.occurred_at >= w.start_at AND c.occurred_at <= w.end_at
),
conversion AS (
  SELECT w.experiment_id, w.contact,
    bool_or(c.occurred_at >= w.start_at AND CASE WHEN w.goal IS NULL THEN c.kind IN ('order', 'goal') ELSE c.kind = 'goal' AND c.goal = w.goal END) AS has_converted,
    sum(c.money) FILTER (WHERE c.occurred_at >= w.start_at) AS revenue,
    sum(c.money) FILTER (WHERE c.occurred_at < w.start_at) AS revenue_before,
    min(c.currency) FILTER (WHERE c.money <> 0) AS first_currency,
    max(c.currency) FILTER (WHERE c.money <> 0) AS last_currency
  FROM (
    SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, occurred_at, kind, goal, currency,
      CASE kind WHEN 'order' THEN amount_micros WHEN 'refund' THEN -amount_micros ELSE 0 END AS money
    FROM fact_conversion
    WHERE occurred_at >= getvariable('person_from') - to_days(28) AND occurred_at <= getvariable('person_to')
      AND kind IN ('order', 'refund', 'goal')
  ) AS c
  JOIN person_alias AS a ON a.alias_id = c.alias_id AND c.occurred_at >= a.valid_from AND c.occurred_at < a.valid_to
  JOIN person_window AS w ON w.contact = a.contact AND c.occurred_at >= w.start_at - to_days(28) AND c.occurred_at <= w.end_at
    AND (c.kind = 'goal' OR w.currency IS NULL OR c.currency = w.currency)
  GROUP BY w.experiment_id, w.contact
),
optout AS (
  SELECT w.experiment_id, w.contact, bool_or(o.kind = 'consent') AS has_unsubscribed, bool_or(o.kind = 'inbound') AS has_negative_reply
  FROM (
    SELECT 'consent' AS kind, coalesce(contact_alias, user_alias, phone_alias) AS alias_id, occurred_at
    FROM fact_consent WHERE state = 'withdrawn' AND source IN ('preference', 'stop_word', 'button')
    UNION ALL
    SELECT 'inbound', coalesce(user_alias, phone_alias), occurred_at FROM fact_inbound WHERE counted_type = 'opt_out'
  ) AS o
  JOIN person_alias AS a ON a.alias_id = o.alias_id AND o.occurred_at >= a.valid_from AND o.occurred_at < a.valid_to
  JOIN person_window AS w ON w.contact = a.contact AND o.occurred_at >= w.start_at AND o.occurred_at <= w.end_at
  WHERE o.occurred_at >= getvariable('person_from') AND o.occurred_at <= getvariable('person_to')
  GROUP BY w.experiment_id, w.contact
),
membership AS (
  -- The last word on each segment before the assignment.
  SELECT w.experiment_id, w.contact, s.segment_id, arg_max(s.entered, (s.occurred_at, s.event_id)) AS is_in, max(s.occurred_at) AS since
  FROM fact_segment_membership AS s
  JOIN person_window AS w ON w.contact = s.contact_alias AND s.occurred_at <= w.assigned_at
  GROUP BY w.experiment_id, w.contact, s.segment_id
),
segment AS (
  SELECT experiment_id, contact, arg_max(segment_id, (since, segment_id)) AS segment_id FROM membership WHERE is_in GROUP BY experiment_id, contact
),
country AS (
  SELECT a.contact, arg_max(n.country, (a.valid_from, n.alias_id)) AS country
  FROM person_alias AS a JOIN contact_alias AS n ON n.alias_id = a.alias_id
  WHERE n.country IS NOT NULL
  GROUP BY a.contact
)
SELECT
  w.experiment_id,
  w.contact,
  date_trunc('hour', w.assigned_at) AS assigned_hour,
  w.assigned_at,
  w.arm_id,
  w.is_crossed,
  CASE WHEN c.country IS NOT NULL THEN coalesce(k.market, 'Other') END AS market,
  s.segment_id,
  coalesce(m.messages, 0) AS messages,
  m.first_message_at,
  coalesce(m.is_delivered, false) AS is_delivered,
  coalesce(m.has_read, false) AS has_read,
  coalesce(m.has_replied, false) AS has_replied,
  coalesce(m.has_clicked, false) OR l.contact IS NOT NULL AS has_clicked,
  coalesce(v.has_converted, false) AS has_converted,
  coalesce(o.has_unsubscribed, false) AS has_unsubscribed,
  coalesce(m.has_failed, false) AS has_failed,
  coalesce(o.has_negative_reply, false) AS has_negative_reply,
  coalesce(v.revenue, 0)::DOUBLE / 1e6 AS revenue,
  coalesce(v.revenue_before, 0)::DOUBLE / 1e6 AS revenue_before,
  CASE WHEN v.first_currency = v.last_currency THEN v.first_currency WHEN v.first_currency IS NOT NULL THEN 'mixed' END AS currency
FROM person_window AS w
LEFT JOIN message AS m USING (experiment_id, contact)
LEFT JOIN click AS l USING (experiment_id, contact)
LEFT JOIN conversion AS v USING (experiment_id, contact)
LEFT JOIN optout AS o USING (experiment_id, contact)
LEFT JOIN segment AS s USING (experiment_id, contact)
LEFT JOIN country AS c ON c.contact = w.contact
LEFT JOIN country_market AS k ON k.country = c.country AND w.assigned_at >= k.valid_from AND w.assigned_at < k.valid_to

-- emit: changed_experiment
WITH before AS (SELECT p.* FROM (FROM experiment_person WHERE assigned_hour >= getvariable('from_at')) AS p SEMI JOIN touched_person USING (experiment_id, contact)),
changed AS ((FROM before EXCEPT FROM experiment_person__next) UNION (FROM experiment_person__next EXCEPT FROM before))
SELECT DISTINCT experiment_id, assigned_hour FROM changed

-- audit: every person of the assignments is there once
SELECT experiment_id, contact, sum(in_facts) AS in_facts, sum(in_model) AS in_model
FROM (
  SELECT DISTINCT a.experiment_id, a.contact_alias AS contact, 1 AS in_facts, 0 AS in_model
  FROM fact_assignment AS a SEMI JOIN touched_person AS t ON t.experiment_id = a.experiment_id AND t.contact = a.contact_alias
  UNION ALL
  SELECT experiment_id, contact, 0, 1 FROM experiment_person SEMI JOIN touched_person USING (experiment_id, contact)
  WHERE assigned_hour >= getvariable('from_at')
)
GROUP BY experiment_id, contact
HAVING sum(in_facts) <> sum(in_model)
