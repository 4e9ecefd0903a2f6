/*
name: segment_dormant
kind: view
layer: segment
grain: one customer without any interaction for 90 days
description: Who ordered once and does nothing any more. The days are of people_setting.
columns:
  customer: the person
*/
SELECT customer FROM customer WHERE stage = 'dormant' AND orders > 0
