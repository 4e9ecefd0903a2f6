/*
name: contact_period
kind: incremental
layer: staging
key: [alias_id]
touched: affected_alias
changes: identity
grain: one phone number or user id and one interval in which it stands for one person
description: >
  Whom a phone number or user id stands for, and when. The person is the contact of the sender's own books where one is linked, else
  the smallest user id linked, else the alias itself. Numbers are recycled: a number linked to A and later to B is A's until then and
  B's from then on; before the first link it is A's already. A changed number takes its person along. Aliases without a link have no
  row and stand for themselves, and so does every contact id. The links decide by their own times, so their order of arrival does not matter.
columns:
  alias_id: phone number or user id, by its surrogate
  contact: the person, by the surrogate that stands for all of its aliases
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again, unit: UTC}
*/

-- temp: affected_alias
WITH RECURSIVE
link AS (
  SELECT alias_a AS near, alias_b AS far FROM contact_link
  UNION ALL
  SELECT alias_b, alias_a FROM contact_link
),
-- All that hangs together without passing through a contact id: only these can change with a link.
component AS (
  SELECT t.alias_id FROM touched_contact AS t SEMI JOIN contact_alias AS a ON a.alias_id = t.alias_id AND a.kind <> 'contact'
  WHERE t.whole AND NOT getvariable('full_build')
  UNION
  SELECT l.far FROM component AS c JOIN link AS l ON l.near = c.alias_id SEMI JOIN contact_alias AS a ON a.alias_id = l.far AND a.kind <> 'contact'
)
SELECT alias_id FROM component

-- temp: contact_edge
SELECT e.subject, s.kind AS subject_kind, e.object, o.kind AS object_kind, e.since, e.forward
FROM (
  SELECT alias_a AS subject, alias_b AS object, occurred_at AS since, true AS forward FROM contact_link
  WHERE getvariable('full_build') OR alias_a IN (SELECT alias_id FROM affected_alias)
  UNION ALL
  SELECT alias_b, alias_a, occurred_at, false FROM contact_link
  WHERE getvariable('full_build') OR alias_b IN (SELECT alias_id FROM affected_alias)
) AS e
JOIN contact_alias AS s ON s.alias_id = e.subject AND s.kind <> 'contact'
JOIN contact_alias AS o ON o.alias_id = e.object
WHERE e.subject <> e.object

-- temp: user_root
-- User ids linked to each other are one person; they are never recycled.
WITH RECURSIVE reach AS (
  SELECT DISTINCT subject AS user_id, subject AS other FROM contact_edge WHERE subject_kind = 'user'
  UNION
  SELECT r.user_id, e.object FROM reach AS r JOIN contact_edge AS e ON e.subject = r.other AND e.subject_kind = 'user' AND e.object_kind = 'user'
)
SELECT user_id, min(other) AS root FROM reach GROUP BY user_id

-- temp: root_link
-- Contact ids that a user's id itself was linked to.
SELECT r.root, e.since, min(e.object) AS contact
FROM contact_edge AS e JOIN user_root AS r ON r.user_id = e.subject
WHERE e.object_kind = 'contact'
GROUP BY r.root, e.since

-- temp: phone_user
SELECT e.subject AS phone, e.since, min(r.root) AS root
FROM contact_edge AS e JOIN user_root AS r ON r.user_id = e.object
WHERE e.subject_kind = 'phone' AND e.object_kind = 'user'
GROUP BY e.subject, e.since

-- temp: phone_link
-- Contact ids that a number was linked to, itself or through a user id that has one.
SELECT phone, since, min(contact) AS contact
FROM (
  SELECT subject AS phone, since, object AS contact FROM contact_edge WHERE subject_kind = 'phone' AND object_kind = 'contact'
  UNION ALL
  SELECT u.phone, u.since, coalesce(l.contact, f.contact)
  FROM phone_user AS u
  JOIN (SELECT root, arg_min(contact, since) AS contact FROM root_link GROUP BY root) AS f ON f.root = u.root
  ASOF LEFT JOIN root_link AS l ON l.root = u.root AND u.since >= l.since
)
GROUP BY phone, since

-- temp: number_change
-- Each with the newest evidence on the number left behind: a link, or an earlier change (strictly earlier, so there are no rings).
SELECT n.old_phone, n.new_phone, n.since, l.since AS link_at, l.contact, p.since AS change_at
FROM (SELECT DISTINCT subject AS old_phone, object AS new_phone, since FROM contact_edge
      WHERE forward AND subject_kind = 'phone' AND object_kind = 'phone') AS n
ASOF LEFT JOIN phone_link AS l ON l.phone = n.old_phone AND n.since >= l.since
ASOF LEFT JOIN (SELECT DISTINCT object AS new_phone, since FROM contact_edge WHERE forward AND subject_kind = 'phone' AND object_kind = 'phone') AS p
  ON p.new_phone = n.old_phone AND n.since > p.since

-- temp: phone_contact
-- With the contacts that changed numbers took along.
WITH RECURSIVE carried AS (
  SELECT new_phone, since, contact FROM number_change WHERE contact IS NOT NULL AND (change_at IS NULL OR link_at >= change_at)
  UNION
  SELECT n.new_phone, n.since, c.contact
  FROM number_change AS n JOIN carried AS c ON c.new_phone = n.old_phone AND c.since = n.change_at
  WHERE n.contact IS NULL OR n.link_at < n.change_at
)
SELECT phone, since, min(contact) AS contact
FROM (SELECT phone, since, contact FROM phone_link UNION ALL SELECT new_phone, since, contact FROM carried)
GROUP BY phone, since

-- temp: root_contact
-- A user id without a contact id of its own has that of its number at the time.
SELECT root, since, contact FROM root_link
UNION ALL
SELECT u.root, u.since, min(coalesce(l.contact, f.contact))
FROM phone_user AS u
JOIN (SELECT phone, arg_min(contact, since) AS contact FROM phone_contact GROUP BY phone) AS f ON f.phone = u.phone
ASOF LEFT JOIN phone_contact AS l ON l.phone = u.phone AND u.since >= l.since
WHERE u.root NOT IN (SELECT root FROM root_link)
GROUP BY u.root, u.since

-- temp: phone_owner
-- Numbers without any contact id: user ids whose times on it overlap are one person (several portfolios); others took it over.
WITH stay AS (
  SELECT phone, root, min(since) AS first_at, max(since) AS last_at
  FROM phone_user WHERE phone NOT IN (SELECT phone FROM phone_contact)
  GROUP BY phone, root
),
opened AS (
  SELECT *, coalesce(first_at > max(last_at) OVER (PARTITION BY phone ORDER BY first_at, root ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS opens
  FROM stay
),
numbered AS (
  SELECT *, count(*) FILTER (WHERE opens) OVER (PARTITION BY phone ORDER BY first_at, root ROWS UNBOUNDED PRECEDING) AS owner
  FROM opened
)
SELECT phone, root, min(first_at) OVER (PARTITION BY phone, owner) AS since, min(root) OVER (PARTITION BY phone, owner) AS person
FROM numbered

-- query
WITH root_person AS (
  SELECT root, since, contact AS person FROM root_contact
  UNION ALL
  SELECT r.root, TIMESTAMP '-infinity', coalesce(o.person, r.root)
  FROM (SELECT DISTINCT root FROM user_root) AS r
  LEFT JOIN (SELECT root, arg_min(person, (since, person)) AS person FROM phone_owner GROUP BY root) AS o USING (root)
  WHERE r.root NOT IN (SELECT root FROM root_contact)
),
owned AS (
  SELECT o.phone, o.since, min(coalesce(c.contact, f.contact, o.person)) AS person
  FROM phone_owner AS o
  LEFT JOIN (SELECT root, arg_min(contact, since) AS contact FROM root_contact GROUP BY root) AS f ON f.root = o.person
  ASOF LEFT JOIN root_contact AS c ON c.root = o.person AND o.since >= c.since
  GROUP BY o.phone, o.since
),
phone_person AS (
  SELECT phone, since, contact AS person FROM phone_contact
  UNION ALL
  SELECT phone, since, person FROM owned
  UNION ALL
  -- A changed number takes along a person who has no contact id as well.
  SELECT n.new_phone, n.since, min(coalesce(o.person, n.old_phone))
  FROM number_change AS n
  ASOF LEFT JOIN owned AS o ON o.phone = n.old_phone AND n.since >= o.since
  WHERE n.new_phone NOT IN (SELECT phone FROM phone_contact) AND n.old_phone NOT IN (SELECT phone FROM phone_contact)
  GROUP BY n.new_phone, n.since
  UNION ALL
  SELECT DISTINCT subject, TIMESTAMP '-infinity', subject
  FROM contact_edge AS e
  WHERE subject_kind = 'phone' AND subject NOT IN (SELECT phone FROM phone_contact) AND subject NOT IN (SELECT phone FROM owned)
    AND subject NOT IN (SELECT new_phone FROM number_change)
),
evidence AS (
  SELECT u.user_id AS alias_id, r.since, r.person FROM user_root AS u JOIN root_person AS r USING (root)
  UNION ALL
  SELECT phone, since, person FROM phone_person
),
instant AS (SELECT alias_id, since, min(person) AS person FROM evidence GROUP BY alias_id, since),
turn AS (
  SELECT *, lag(person) OVER (PARTITION BY alias_id ORDER BY since) AS person_before FROM instant
  QUALIFY person IS DISTINCT FROM person_before
)
SELECT
  alias_id,
  person AS contact,
  CASE WHEN lag(since) OVER (PARTITION BY alias_id ORDER BY since) IS NULL THEN TIMESTAMP '-infinity' ELSE since END AS valid_from,
  coalesce(lead(since) OVER (PARTITION BY alias_id ORDER BY since), TIMESTAMP 'infinity') AS valid_to
FROM turn

-- emit: changed_contact
-- Aliases that stand for somebody else now, each from its first fact on, together with the persons before and after.
WITH before AS (SELECT alias_id, contact, valid_from, valid_to FROM contact_period SEMI JOIN affected_alias USING (alias_id)),
now AS (SELECT alias_id, contact, valid_from, valid_to FROM contact_period__next),
changed AS ((FROM before EXCEPT FROM now) UNION (FROM now EXCEPT FROM before)),
fact AS (
  SELECT alias_id, occurred_at FROM credit_event SEMI JOIN changed USING (alias_id)
  UNION ALL
  SELECT user_alias, message_at FROM fact_message SEMI JOIN changed ON user_alias = alias_id WHERE contact_alias IS NULL
  UNION ALL
  SELECT phone_alias, message_at FROM fact_message SEMI JOIN changed ON phone_alias = alias_id WHERE contact_alias IS NULL AND user_alias IS NULL
)
SELECT person AS alias_id, min(occurred_at) AS changed_at
FROM fact JOIN (SELECT alias_id, alias_id AS person FROM changed UNION SELECT alias_id, contact FROM changed) USING (alias_id)
GROUP BY person

-- audit: one person at a time
SELECT alias_id, valid_from
FROM (SELECT alias_id, valid_from, valid_to, lead(valid_from) OVER (PARTITION BY alias_id ORDER BY valid_from) AS next_from FROM contact_period
      WHERE getvariable('full_build') OR alias_id IN (SELECT alias_id FROM affected_alias))
WHERE valid_to <= valid_from OR valid_to IS DISTINCT FROM coalesce(next_from, TIMESTAMP 'infinity')
