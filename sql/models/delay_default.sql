/*
name: delay_default
kind: table
layer: seed
seed: delay_default.csv
grain: one step of a message and one age
description: >
  How feedback comes in before anything was learned: the share of what comes at all that is there by an age. Failures come fast, statuses
  with the phones that are on, replies and opt-outs with the people who read, orders in days. The ages are those of delay_curve.
columns:
  signal: step of a message
  minutes: {description: age of the message, unit: minutes}
  share: {description: of what comes at all, unit: share}
*/
SELECT signal, minutes::INTEGER AS minutes, share::DOUBLE AS share
FROM read_csv(getvariable('seed_file'), header = true, all_varchar = true)

-- audit: shares rise from 0 to 1
SELECT signal, minutes, share
FROM (SELECT *, lag(share) OVER (PARTITION BY signal ORDER BY minutes) AS share_before, lead(share) OVER (PARTITION BY signal ORDER BY minutes) AS next_share
      FROM delay_default)
WHERE share IS NULL OR share <= 0 OR share < coalesce(share_before, 0) OR (next_share IS NULL AND share <> 1)

-- audit: every step has every age
SELECT signal, count(*) AS ages FROM delay_default GROUP BY signal
HAVING count(DISTINCT minutes) <> (SELECT count(DISTINCT minutes) FROM delay_default)
