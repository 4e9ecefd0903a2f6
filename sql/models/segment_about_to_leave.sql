/*
name: segment_about_to_leave
kind: view
layer: segment
grain: one customer of the high or middle value band without an interaction for 30 days
description: Worth a word before they are dormant.
columns:
  customer: the person
*/
SELECT customer FROM customer WHERE value_band IN ('high', 'middle') AND interaction = '90d'
