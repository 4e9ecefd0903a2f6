/*
name: people_setting
kind: table
layer: seed
seed: people_setting.csv
grain: one setting
description: Where the bands of the models about people lie, and how often one person may be written to. The user's own file may set some anew.
columns:
  name: setting
  value: {description: as its meaning says, unit: number}
  meaning: in plain words
*/
SELECT name,
  arg_max(value, filename <> getvariable('seed_file'))::DOUBLE AS value,
  arg_max(meaning, filename = getvariable('seed_file')) AS meaning
FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)
GROUP BY name

-- audit: every setting is above zero
SELECT name, value FROM people_setting WHERE NOT coalesce(value > 0, false)
