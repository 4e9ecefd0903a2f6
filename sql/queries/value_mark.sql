-- What a fit is made of, in one text that changes with the data. $currency; $until: last day.
SELECT concat_ws('/', count(*), count(DISTINCT customer), coalesce(sum(kept_micros), 0), coalesce(epoch_us(max(ordered_at)), 0)) AS mark
FROM customer_order
WHERE currency = $currency AND kept_micros IS NOT NULL AND is_purchase AND ordered_on <= $until::DATE;
