/*
name: people_setting
kind: table
layer: seed
seed: people_setting.csv
grain: one setting
description: Where the bands of the models about people lie, and how often one person may be written to.
columns:
  name: setting
  value: {description: as its meaning says, unit: number}
  meaning: in plain words
*/
SELECT name, value::DOUBLE AS value, meaning FROM read_csv(getvariable('seed_file'), header = true, all_varchar = true)

-- audit: every setting has one value above zero
SELECT name, count(*) AS copies FROM people_setting GROUP BY name HAVING count(*) > 1 OR NOT coalesce(min(value) > 0, false)
