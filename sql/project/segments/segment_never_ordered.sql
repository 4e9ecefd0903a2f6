/*
name: segment_never_ordered
kind: view
layer: segment
grain: one customer without an order
description: People who were written to and have not ordered yet.
columns:
  customer: the person
*/
SELECT customer FROM customer WHERE coalesce(orders, 0) = 0
