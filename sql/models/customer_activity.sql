/*
name: customer_activity
kind: view
layer: staging
grain: one thing that a person did
time_column: occurred_at
description: >
  What counts as an interaction: a reply, tap or reaction, a click on a link of ours, an order that was not refunded in full. Reading is
  none, as receipts can be off; neither is opting out.
columns:
  customer: the person, see contact_period
  occurred_at: {description: when, unit: UTC}
  kind: message, click or order
*/
WITH did AS (
  SELECT coalesce(user_alias, phone_alias) AS alias_id, occurred_at, 'message' AS kind
  FROM fact_inbound WHERE counted_type IN ('reply', 'complaint', 'button', 'opt_in', 'reaction', 'order', 'unsupported') AND group_id IS NULL
  UNION ALL
  SELECT contact_alias, occurred_at, 'click' FROM fact_click WHERE contact_alias IS NOT NULL
)
SELECT coalesce(p.contact, d.alias_id) AS customer, d.occurred_at, d.kind
FROM did AS d
LEFT JOIN contact_period AS p ON p.alias_id = d.alias_id AND d.occurred_at >= p.valid_from AND d.occurred_at < p.valid_to
WHERE d.alias_id IS NOT NULL
UNION ALL
SELECT customer, ordered_at, 'order' FROM customer_order WHERE is_purchase

-- audit: everything that somebody did is here once
SELECT f.n AS in_facts, v.n AS here
FROM (SELECT (SELECT count(*) FROM fact_inbound WHERE counted_type IN ('reply', 'complaint', 'button', 'opt_in', 'reaction', 'order', 'unsupported')
                AND group_id IS NULL AND coalesce(user_alias, phone_alias) IS NOT NULL)
        + (SELECT count(contact_alias) FROM fact_click) + (SELECT count(*) FROM customer_order WHERE is_purchase) AS n) AS f,
  (SELECT count(*) AS n FROM customer_activity) AS v
WHERE f.n <> v.n AND NOT EXISTS (FROM changed_contact WHERE seq NOT IN (SELECT seq FROM claimed_contact))
