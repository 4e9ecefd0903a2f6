/*
name: price_rule
kind: table
layer: seed
seed: price_rule.csv
grain: one interval of validity
description: >
  What the platform charges for apart from the rate card, by the day in the account's time zone. Before the first interval prices were by conversation, and are not known here.
  A day of the user's own file takes the place of ours.
columns:
  valid_from: first day
  valid_to: first day that is out again
  service_charged: messages without a template cost something
  utility_in_window_charged: utility templates cost something while the customer service window is open
  service_allowance: {description: messages without a template that are free per number and month, unit: messages}
  entry_window_hours: {description: how long all is free after the answer to somebody who came through an ad or a page's button, unit: hours}
*/
WITH chosen AS (
  SELECT * FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)
  QUALIFY row_number() OVER (PARTITION BY valid_from ORDER BY filename <> getvariable('seed_file') DESC) = 1
)
SELECT
  valid_from::DATE AS valid_from,
  coalesce(lead(valid_from::DATE) OVER (ORDER BY valid_from::DATE), DATE 'infinity') AS valid_to,
  service_charged::BOOLEAN AS service_charged,
  utility_in_window_charged::BOOLEAN AS utility_in_window_charged,
  service_allowance::BIGINT AS service_allowance,
  entry_window_hours::INTEGER AS entry_window_hours
FROM chosen

-- audit: one interval at a time
SELECT valid_from FROM price_rule WHERE valid_to <= valid_from
