-- What is known of the people in asked_person (place in the list, alias, whether it is the strongest of its place: contact id before user
-- id before number; the time it is asked of, and since when messages matter to who asks; whether a contact id is all that is given). The
-- plan is kept: what changes from look-up to look-up stands in the table, and the two variables only bound the scans of all look-ups by
-- this plan (people_from: since the earliest of them, heard_from: 24 hours before). A scan of 30 days costs a second where many write much,
-- so who was not reached is asked of a model, but for what happened since. Joins, groupings and windows cost before their first row, so the
-- facts of all kinds are grouped once.
WITH asked_period AS MATERIALIZED (SELECT * FROM contact_period SEMI JOIN asked_person USING (alias_id)),
person AS MATERIALIZED (
  SELECT s.place, s.asked_at, s.since, s.by_contact, coalesce(p.contact, s.alias_id) AS person
  FROM asked_person AS s
  LEFT JOIN asked_period AS p ON p.alias_id = s.alias_id AND s.asked_at >= p.valid_from AND s.asked_at < p.valid_to
  WHERE s.strongest
),
own_period AS MATERIALIZED (
  SELECT o.place, o.asked_at, o.since, o.by_contact, o.person, p.alias_id, p.valid_from, p.valid_to
  FROM person AS o JOIN contact_period AS p ON p.contact = o.person
),
-- All names of the person, each for the time in which it was theirs; names as given also where nothing ties them to the person.
alias AS MATERIALIZED (
  SELECT place, asked_at, since, by_contact, alias_id, valid_from, valid_to FROM own_period
  UNION
  SELECT p.place, p.asked_at, p.since, p.by_contact, p.person, TIMESTAMP '-infinity', TIMESTAMP 'infinity'
  FROM person AS p ANTI JOIN own_period AS o ON o.place = p.place AND o.alias_id = p.person
  UNION
  SELECT n.place, n.asked_at, n.since, n.by_contact, n.alias_id, coalesce(p.valid_from, TIMESTAMP '-infinity'), coalesce(p.valid_to, TIMESTAMP 'infinity')
  FROM asked_person AS n
  LEFT JOIN asked_period AS p USING (alias_id)
  WHERE p.alias_id IS NULL OR n.asked_at >= p.valid_from AND n.asked_at < p.valid_to
),
message AS (
  -- One column at a time, so that a scan reads the others only where there is none.
  SELECT a.place, a.asked_at, m.message_at, m.accepted_at, m.delivered_at, m.failed_at, m.error_code, m.category, m.pricing_category
  FROM fact_message AS m
  JOIN alias AS a
    ON a.alias_id = m.contact_alias AND m.message_at >= a.valid_from AND m.message_at < a.valid_to
      AND m.message_at >= a.since
  WHERE m.message_at >= getvariable('people_from')
  UNION ALL
  SELECT a.place, a.asked_at, m.message_at, m.accepted_at, m.delivered_at, m.failed_at, m.error_code, m.category, m.pricing_category
  FROM fact_message AS m
  JOIN alias AS a
    ON a.alias_id = m.user_alias AND m.message_at >= a.valid_from AND m.message_at < a.valid_to
      AND m.message_at >= a.since
  WHERE m.message_at >= getvariable('people_from') AND m.contact_alias IS NULL
  UNION ALL
  SELECT a.place, a.asked_at, m.message_at, m.accepted_at, m.delivered_at, m.failed_at, m.error_code, m.category, m.pricing_category
  FROM fact_message AS m
  JOIN alias AS a
    ON a.alias_id = m.phone_alias AND m.message_at >= a.valid_from AND m.message_at < a.valid_to
      AND m.message_at >= a.since
  WHERE m.message_at >= getvariable('people_from') AND m.contact_alias IS NULL AND m.user_alias IS NULL
),
known AS (
  SELECT place, person FROM person
  UNION ALL BY NAME
  SELECT a.place, {'occurred_at': c.occurred_at, 'state': c.state, 'event_id': c.event_id} AS consent
  FROM (SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, occurred_at, state, event_id
        FROM fact_consent WHERE category = 'marketing') AS c
  JOIN alias AS a
    ON a.alias_id = c.alias_id AND c.occurred_at >= a.valid_from AND c.occurred_at < a.valid_to AND c.occurred_at <= a.asked_at
  UNION ALL BY NAME
  SELECT m.place, m.delivered_at,
    -- A message that failed was not written, but for those that the platform kept from the person: they may not be sent again so soon.
    CASE WHEN m.failed_at IS NULL OR m.delivered_at IS NOT NULL OR e.class = 'platform_block'
         THEN coalesce(m.accepted_at, m.message_at) END AS written_at,
    coalesce(m.category = 'marketing', m.pricing_category LIKE 'marketing%', false) AS is_marketing,
    CASE WHEN m.error_code = 131026 AND m.message_at >= m.asked_at - INTERVAL 30 DAY THEN m.failed_at END AS unreached_at
  FROM message AS m
  LEFT JOIN error_code AS e ON e.code = m.error_code
  UNION ALL BY NAME
  -- Messages from before those that are read above: each is told of once.
  SELECT p.place, u.failed_at AS unreached_at
  FROM unreached_contact AS u
  JOIN person AS p ON p.person = u.contact AND u.message_at >= p.asked_at - INTERVAL 30 DAY AND u.message_at < p.since
  UNION ALL BY NAME
  SELECT a.place, i.occurred_at AS heard_at
  FROM (SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at FROM fact_inbound
        WHERE occurred_at > getvariable('heard_from') AND group_id IS NULL AND counted_type NOT IN ('echo', 'system')) AS i
  JOIN alias AS a
    ON a.alias_id = i.alias_id AND i.occurred_at >= a.valid_from AND i.occurred_at < a.valid_to
      AND i.occurred_at > a.asked_at - INTERVAL 24 HOUR AND i.occurred_at <= a.asked_at
  UNION ALL BY NAME
  -- Where a list has contact ids only, the number of now tells the country, else the user id.
  SELECT a.place, {'by_phone': c.kind = 'phone', 'since': a.valid_from, 'alias_id': c.alias_id, 'country': c.country} AS home
  FROM alias AS a
  JOIN contact_alias AS c ON c.alias_id = a.alias_id
  WHERE a.by_contact AND c.country IS NOT NULL AND a.asked_at >= a.valid_from AND a.asked_at < a.valid_to
  UNION ALL BY NAME
  SELECT a.place, f.time_zone
  FROM alias AS a JOIN contact_profile AS f ON f.contact_alias = a.alias_id
),
told AS (
  SELECT place, any_value(person) AS person, max(consent) AS consent, -- of two at once the withdrawal counts
    max(written_at) AS message_at, max(written_at) FILTER (is_marketing) AS marketing_at, max(delivered_at) AS delivered_at,
    list(unreached_at) FILTER (unreached_at IS NOT NULL) AS unreached_at, max(heard_at) AS heard_at, max(home) AS home, max(time_zone) AS time_zone
  FROM known
  GROUP BY place
)
SELECT place, person, consent.state AS consent, home.country AS country, time_zone, epoch_ms(marketing_at) AS marketing_at,
  epoch_ms(message_at) AS message_at, epoch_ms(heard_at + INTERVAL 24 HOUR) AS window_until,
  coalesce(len(list_filter(unreached_at, lambda failed_at: delivered_at IS NULL OR failed_at > delivered_at)) >= 2, false) AS suppressed
FROM told;
