-- Customers by their repeat purchases: how many, and what they came to. Sufficient for the spend model. $currency; $until: last day.
WITH purchase_day AS (
  SELECT customer, ordered_on, sum(kept_micros) AS micros
  FROM customer_order
  WHERE currency = $currency AND kept_micros IS NOT NULL AND is_purchase AND ordered_on <= $until::DATE
  GROUP BY customer, ordered_on
),
repeated AS (
  SELECT customer, (count(*) - 1)::INTEGER AS frequency, (sum(micros) - arg_min(micros, ordered_on))::BIGINT AS repeat_micros
  FROM purchase_day
  GROUP BY customer
  HAVING count(*) > 1
)
SELECT frequency, repeat_micros, count(*)::INTEGER AS customers
FROM repeated
GROUP BY frequency, repeat_micros
ORDER BY frequency, repeat_micros;
