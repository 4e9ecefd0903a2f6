/*
name: error_code
kind: table
layer: seed
seed: error_code.csv
grain: one error code of the platform
description: What each error code means and whose matter it is. A refusal counts as an attempt when it is the recipient's (recipient, platform_block).
columns:
  code: the platform's code
  class: recipient, platform_block, sender, template, account, transient, content, request or group
  meaning: in plain words
*/
SELECT unnest(range(code_from::INTEGER, code_to::INTEGER + 1))::INTEGER AS code, class, meaning
FROM read_csv(getvariable('seed_file'), header = true, all_varchar = true)

-- audit: one row a code
SELECT code, count(*) AS copies FROM error_code GROUP BY code HAVING count(*) > 1

-- audit: classes are known
SELECT * FROM error_code
WHERE class IS NULL OR meaning IS NULL
   OR class NOT IN ('recipient', 'platform_block', 'sender', 'template', 'account', 'transient', 'content', 'request', 'group')
