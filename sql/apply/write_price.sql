-- What the platform said of the price.
UPDATE fact_message AS m SET
  priced_at = g.priced_at, pricing_model = g.pricing_model, pricing_type = g.pricing_type,
  pricing_category = g.pricing_category, billable = g.billable
FROM merged AS g
WHERE g.is_old AND g.takes_price
  AND m.rowid = g.row_id AND m.opened_at = g.opened_at;
