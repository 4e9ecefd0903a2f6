-- What is known of the people in asked_person (place in the list, alias, rank: 0 contact id, 1 user id, 2 number), each as of its
-- asked_at. The plan is kept: what changes from look-up to look-up stands in the table, and the two variables only bound the scans of
-- all look-ups by this plan (people_from: 30 days before the first of them, heard_from: 24 hours).
WITH strongest AS (
  SELECT place, alias_id, asked_at FROM asked_person QUALIFY row_number() OVER (PARTITION BY place ORDER BY rank) = 1
),
asked_period AS MATERIALIZED (SELECT * FROM contact_period SEMI JOIN asked_person USING (alias_id)),
person AS MATERIALIZED (
  SELECT s.place, s.asked_at, coalesce(p.contact, s.alias_id) AS person
  FROM strongest AS s
  LEFT JOIN asked_period AS p ON p.alias_id = s.alias_id AND s.asked_at >= p.valid_from AND s.asked_at < p.valid_to
),
own_period AS MATERIALIZED (
  SELECT o.place, o.asked_at, o.person, p.alias_id, p.valid_from, p.valid_to
  FROM person AS o JOIN contact_period AS p ON p.contact = o.person
),
-- All names of the person, each for the time in which it was theirs; names as given also where nothing ties them to the person.
alias AS MATERIALIZED (
  SELECT place, asked_at, alias_id, valid_from, valid_to FROM own_period
  UNION
  SELECT p.place, p.asked_at, p.person, TIMESTAMP '-infinity', TIMESTAMP 'infinity'
  FROM person AS p ANTI JOIN own_period AS o ON o.place = p.place AND o.alias_id = p.person
  UNION
  SELECT n.place, n.asked_at, n.alias_id, coalesce(p.valid_from, TIMESTAMP '-infinity'), coalesce(p.valid_to, TIMESTAMP 'infinity')
  FROM asked_person AS n
  LEFT JOIN asked_period AS p USING (alias_id)
  WHERE p.alias_id IS NULL OR n.asked_at >= p.valid_from AND n.asked_at < p.valid_to
),
consent AS (
  SELECT a.place, arg_max(c.state, (c.occurred_at, c.state, c.event_id)) AS consent -- of two at once the withdrawal counts
  FROM (SELECT coalesce(contact_alias, user_alias, phone_alias) AS alias_id, occurred_at, state, event_id
        FROM fact_consent WHERE category = 'marketing') AS c
  JOIN alias AS a
    ON a.alias_id = c.alias_id AND c.occurred_at >= a.valid_from AND c.occurred_at < a.valid_to AND c.occurred_at <= a.asked_at
  GROUP BY a.place
),
message AS MATERIALIZED (
  SELECT a.place, coalesce(m.accepted_at, m.message_at) AS written_at, m.delivered_at, m.failed_at, m.error_code,
    coalesce(m.category = 'marketing', m.pricing_category LIKE 'marketing%', false) AS is_marketing
  FROM (
    -- One column at a time, so that a scan reads the others only where there is none.
    SELECT contact_alias AS alias_id, message_at, accepted_at, delivered_at, failed_at, error_code, category, pricing_category
    FROM fact_message SEMI JOIN alias ON alias_id = contact_alias
    WHERE message_at >= getvariable('people_from')
    UNION ALL
    SELECT user_alias, message_at, accepted_at, delivered_at, failed_at, error_code, category, pricing_category
    FROM fact_message SEMI JOIN alias ON alias_id = user_alias
    WHERE message_at >= getvariable('people_from') AND contact_alias IS NULL
    UNION ALL
    SELECT phone_alias, message_at, accepted_at, delivered_at, failed_at, error_code, category, pricing_category
    FROM fact_message SEMI JOIN alias ON alias_id = phone_alias
    WHERE message_at >= getvariable('people_from') AND contact_alias IS NULL AND user_alias IS NULL
  ) AS m
  JOIN alias AS a
    ON a.alias_id = m.alias_id AND m.message_at >= a.valid_from AND m.message_at < a.valid_to
      AND m.message_at >= a.asked_at - INTERVAL 30 DAY
),
-- A message that failed was not written, but for those that the platform kept from the person: they may not be sent again so soon.
written AS (
  SELECT place, max(written_at) AS message_at, max(written_at) FILTER (is_marketing) AS marketing_at
  FROM message
  LEFT JOIN error_code AS e ON e.code = error_code
  WHERE failed_at IS NULL OR delivered_at IS NOT NULL OR e.class = 'platform_block'
  GROUP BY place
),
unreached AS (
  SELECT m.place
  FROM message AS m
  LEFT JOIN (SELECT place, max(delivered_at) AS delivered_at FROM message GROUP BY place) AS d USING (place)
  WHERE m.error_code = 131026 AND (d.delivered_at IS NULL OR m.failed_at > d.delivered_at)
  GROUP BY m.place
  HAVING count(*) >= 2
),
heard AS (
  SELECT a.place, max(i.occurred_at) AS occurred_at
  FROM (SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at FROM fact_inbound
        WHERE occurred_at > getvariable('heard_from') AND group_id IS NULL AND counted_type NOT IN ('echo', 'system')) AS i
  JOIN alias AS a
    ON a.alias_id = i.alias_id AND i.occurred_at >= a.valid_from AND i.occurred_at < a.valid_to
      AND i.occurred_at > a.asked_at - INTERVAL 24 HOUR AND i.occurred_at <= a.asked_at
  GROUP BY a.place
),
-- Where a list has contact ids only, the number of now tells the country, else the user id.
home AS (
  SELECT a.place, arg_max(c.country, (c.kind = 'phone', a.valid_from, c.alias_id)) AS country
  FROM alias AS a JOIN contact_alias AS c ON c.alias_id = a.alias_id
  WHERE c.country IS NOT NULL AND a.asked_at >= a.valid_from AND a.asked_at < a.valid_to
    AND a.place NOT IN (SELECT place FROM asked_person WHERE rank > 0)
  GROUP BY a.place
),
zone AS (
  SELECT a.place, max(f.time_zone) AS time_zone
  FROM alias AS a JOIN contact_profile AS f ON f.contact_alias = a.alias_id
  GROUP BY a.place
)
SELECT p.place, p.person, c.consent, u.place IS NOT NULL AS suppressed, epoch_ms(w.marketing_at) AS marketing_at,
  epoch_ms(w.message_at) AS message_at, epoch_ms(h.occurred_at + INTERVAL 24 HOUR) AS window_until, g.country, z.time_zone
FROM person AS p
LEFT JOIN consent AS c USING (place)
LEFT JOIN written AS w USING (place)
LEFT JOIN unreached AS u USING (place)
LEFT JOIN heard AS h USING (place)
LEFT JOIN home AS g USING (place)
LEFT JOIN zone AS z USING (place)
ORDER BY p.place;
