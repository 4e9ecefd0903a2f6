/*
name: partner_markup
kind: table
layer: seed
seed: partner_markup.csv
grain: one category x interval of validity
description: >
  What a partner (BSP) adds to the platform's price of each charged message: a share of the price and a fee. Empty unless the user's file has rows.
  A row for a category wins over one for all ("*").
columns:
  category: as on the rate card, or * for all
  share: {description: of the platform's price, unit: share}
  fee_micros: {description: per charged message, unit: micro-units of the account's currency}
  valid_from: first day
  valid_to: first day that is out again
*/
SELECT
  category,
  (percent::DECIMAL(12, 4) / 100)::DECIMAL(12, 6) AS share,
  (per_message::DECIMAL(18, 6) * 1000000)::BIGINT AS fee_micros,
  valid_from::DATE AS valid_from,
  coalesce(lead(valid_from::DATE) OVER (PARTITION BY category ORDER BY valid_from::DATE), DATE 'infinity') AS valid_to
FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)

-- audit: one markup at a time
SELECT category, valid_from FROM partner_markup WHERE valid_to <= valid_from
