/*
name: segment_high_value
kind: view
layer: segment
grain: one customer of the high value band
description: Customers of one currency who spent most, the first fifth unless people_setting says otherwise.
columns:
  customer: the person
*/
SELECT customer FROM customer WHERE value_band = 'high'
