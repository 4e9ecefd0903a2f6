/*
name: unreached_contact
kind: table
layer: staging
refresh: 15m
grain: one of the two newest messages of the last 30 days that found nobody under the number (131026), and after which nothing was delivered to the person
description: >
  Who cannot be reached, for the brake: it sends nothing more to a person who was not reached twice. A look-up of one person cannot search 30 days of
  messages of everybody; what failed or was delivered since the build is read from the facts.
columns:
  contact: the person, by the surrogate that stands for all of its aliases
  message_at: {description: the time of the message, unit: UTC}
  failed_at: {description: the failure, unit: UTC}
*/

-- variable: unreached_from
SELECT getvariable('as_of') - to_days(30)

-- temp: failed
SELECT coalesce(p.contact, m.person_alias) AS contact, m.message_at, m.failed_at
FROM message_state AS m
LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
WHERE m.message_at >= getvariable('unreached_from') AND m.error_code = 131026 AND m.failed_at IS NOT NULL AND m.person_alias IS NOT NULL

-- temp: reached
SELECT coalesce(p.contact, m.person_alias) AS contact, max(m.delivered_at) AS delivered_at
FROM message_state AS m
LEFT JOIN contact_period AS p ON p.alias_id = m.person_alias AND m.message_at >= p.valid_from AND m.message_at < p.valid_to
WHERE m.message_at >= getvariable('unreached_from') AND m.delivered_at IS NOT NULL
  AND coalesce(p.contact, m.person_alias) IN (SELECT contact FROM failed)
GROUP BY coalesce(p.contact, m.person_alias)

-- query
SELECT f.contact, f.message_at, f.failed_at
FROM failed AS f
LEFT JOIN reached AS r ON r.contact = f.contact
WHERE coalesce(f.failed_at > r.delivered_at, true)
QUALIFY row_number() OVER (PARTITION BY f.contact ORDER BY f.failed_at DESC, f.message_at DESC) <= 2

-- audit: whoever was not reached after the last delivery is in it
SELECT f.contact, f.failed_at
FROM failed AS f
LEFT JOIN reached AS r ON r.contact = f.contact
WHERE coalesce(f.failed_at > r.delivered_at, true) AND f.contact NOT IN (SELECT contact FROM unreached_contact)

-- audit: nobody in it had a delivery after the failure
SELECT u.contact, u.failed_at, r.delivered_at
FROM unreached_contact AS u
JOIN reached AS r ON r.contact = u.contact
WHERE r.delivered_at >= u.failed_at
