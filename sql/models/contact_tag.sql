/*
name: contact_tag
kind: view
layer: staging
grain: one person and tag
description: The tags of contact.upserted (the attribute "tags", a list of words), as told last.
columns:
  customer: the person, by the contact's surrogate
  tag: word
*/
SELECT DISTINCT contact_alias AS customer, unnest(TRY_CAST(json_extract(attributes, '$.tags') AS VARCHAR[])) AS tag
FROM contact_profile
WHERE json_type(attributes, '$.tags') = 'ARRAY'

-- audit: a tag is told of somebody once, and of nobody without a profile
SELECT customer, tag, count(*) AS copies FROM contact_tag
GROUP BY customer, tag
HAVING count(*) > 1 OR customer NOT IN (SELECT contact_alias FROM contact_profile)
