/*
name: error_word
kind: table
layer: seed
seed: error_word.csv
grain: one error code by which the platform stops more than one message
description: >
  Codes that are words of the platform to the controller: they say that everything of a scope is refused, so a single one stops it
  and none of them counts as a failure of the campaign.
columns:
  code: the platform's code
  scope: what it stops, a number, template or WhatsApp business account (waba)
  ends: >
    what ends it. accepted: a later message was taken; accepted_later: one at least 10 minutes later; delivered: a later delivery of
    the template, or its approval; after_a_day: 24 hours; by_policy: the controller's own rest
*/
SELECT code::INTEGER AS code, scope, ends FROM read_csv(getvariable('seed_file'), header = true, all_varchar = true)

-- audit: one row a code
SELECT code, count(*) AS copies FROM error_word GROUP BY code HAVING count(*) > 1

-- audit: scopes and ends are known
SELECT * FROM error_word
WHERE scope NOT IN ('number', 'template', 'waba') OR ends NOT IN ('accepted', 'accepted_later', 'delivered', 'after_a_day', 'by_policy')
