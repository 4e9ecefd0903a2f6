/*
name: exchange_rate
kind: table
layer: seed
seed: exchange_rate.csv
grain: one currency x interval of validity
description: >
  What one unit of a currency is worth in the reporting currency, by days in UTC. The reporting currency itself is worth 1; others come from the user's own file.
  Money in a currency without a rate on its day is not converted: it is counted apart.
columns:
  currency: ISO 4217
  rate: {description: units of the reporting currency for one unit, unit: ratio}
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again, unit: UTC}
*/
WITH line AS (
  SELECT currency, rate::DECIMAL(18, 9) AS rate, valid_from::TIMESTAMP AS valid_from
  FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)
  WHERE to_currency = (SELECT r.currency FROM reporting_currency AS r) AND currency <> to_currency
)
SELECT currency, rate, valid_from,
  coalesce(lead(valid_from) OVER (PARTITION BY currency ORDER BY valid_from), TIMESTAMP 'infinity') AS valid_to
FROM line
UNION ALL
SELECT currency, 1::DECIMAL(18, 9), TIMESTAMP '-infinity', TIMESTAMP 'infinity' FROM reporting_currency

-- audit: one rate at a time, above zero
SELECT currency, valid_from FROM exchange_rate WHERE valid_to <= valid_from OR rate <= 0
