/*
name: country_market
kind: table
layer: seed
seed: country_market.csv
grain: one country and interval of validity
description: >
  The platform's market of each country: its price list has 47 of them since 2026-10-01. A country that is not listed is "Other".
  The numbering plan of +1 is resolved into countries before.
columns:
  country: ISO 3166-1 alpha-2
  market: name as on the rate card
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again, unit: UTC}
*/
SELECT
  country,
  market,
  valid_from::TIMESTAMP AS valid_from,
  coalesce(lead(valid_from::TIMESTAMP) OVER (PARTITION BY country ORDER BY valid_from::TIMESTAMP), TIMESTAMP 'infinity') AS valid_to
FROM read_csv(getvariable('seed_file'), header = true, all_varchar = true)

-- audit: every field is there
SELECT * FROM country_market WHERE country IS NULL OR market IS NULL OR valid_from IS NULL

-- audit: one market at a time
SELECT country, valid_from FROM country_market WHERE valid_to <= valid_from
