-- In which currencies people have bought, most orders first. $until: the last day that counts.
SELECT
  currency,
  count(*) AS orders,
  count(DISTINCT customer) AS customers,
  min(ordered_on) AS first_day,
  max(ordered_on) AS last_day
FROM customer_order
WHERE currency IS NOT NULL AND amount_micros IS NOT NULL AND is_purchase AND ordered_on <= $until::DATE
GROUP BY currency
ORDER BY orders DESC, currency;
