/*
name: reporting_currency
kind: table
layer: seed
seed: reporting_currency.csv
grain: one row
description: The currency in which money is added up. The user's own file may name another.
columns:
  currency: ISO 4217
*/
SELECT arg_max(currency, filename <> getvariable('seed_file')) AS currency
FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)

-- audit: there is one
SELECT count(*) AS rows FROM reporting_currency HAVING count(*) <> 1 OR min(currency) IS NULL
