/*
name: price_category
kind: table
layer: seed
seed: price_category.csv
grain: one category as the platform prices it
description: Categories of a price that stand on the rate card under another name. All others stand there under their own, or nowhere.
columns:
  pricing_category: as the webhook says
  category: as on the rate card
*/
SELECT pricing_category, arg_max(category, filename <> getvariable('seed_file')) AS category
FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)
GROUP BY pricing_category

-- audit: one row a category
SELECT pricing_category FROM price_category GROUP BY pricing_category HAVING count(*) > 1
