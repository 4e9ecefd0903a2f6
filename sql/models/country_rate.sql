/*
name: country_rate
kind: incremental
layer: staging
key: [currency, time_zone]
touched: changed_zone
grain: one currency x time zone x country x category x volume tier x interval of validity
description: >
  The price of one message by the recipient's country, with the partner's markup, valid between instants: cards change at midnight by the clock of the account.
  Messages without a template cost nothing while they did, and as many per number and month as are free; both are tiers at price 0. The country "*" stands for
  all that no market lists.
columns:
  currency: ISO 4217
  time_zone: IANA name
  country: ISO 3166-1 alpha-2, or *
  category: as on the rate card
  market: of the country at that time
  scope: whose messages count for the tiers - portfolio (with its market) or number
  from_messages: {description: "messages charged before in the month, from which the tier holds", unit: messages}
  to_messages: {description: where the next tier begins; null when there is none, unit: messages}
  is_free: the platform takes nothing
  free_in_window: the platform takes nothing while the customer service window is open
  price_micros: {description: "of one message; null when it is not known", unit: micro-units of the currency}
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again, unit: UTC}
*/

-- temp: billed_zone
SELECT DISTINCT currency, time_zone FROM (SELECT currency, time_zone FROM billing_account UNION ALL SELECT 'USD', 'UTC')

-- temp: changed_zone
SELECT currency, time_zone FROM billed_zone EXCEPT SELECT currency, time_zone FROM country_rate

-- query
WITH market AS (
  SELECT country, market, valid_from::DATE AS valid_from, valid_to::DATE AS valid_to FROM country_market
  UNION ALL
  SELECT '*', 'Other', DATE '-infinity', DATE 'infinity'
),
-- Without prices by message there is nothing before the first rule.
card AS (
  SELECT c.currency, c.market, c.category, 'portfolio' AS scope, c.from_messages, c.to_messages, false AS is_free, c.category = 'utility' AND NOT r.utility_in_window_charged AS free_in_window, c.price_micros,
    greatest(c.valid_from, r.valid_from) AS valid_from, least(c.valid_to, r.valid_to) AS valid_to
  FROM rate_card AS c
  JOIN price_rule AS r ON c.valid_from < r.valid_to AND r.valid_from < c.valid_to
  WHERE c.category <> 'service'
  UNION ALL
  SELECT c.currency, c.market, c.category, 'number', r.service_allowance + c.from_messages, r.service_allowance + c.to_messages, false, false, c.price_micros,
    greatest(c.valid_from, r.valid_from), least(c.valid_to, r.valid_to)
  FROM rate_card AS c
  JOIN price_rule AS r ON r.service_charged AND c.valid_from < r.valid_to AND r.valid_from < c.valid_to
  WHERE c.category = 'service'
  UNION ALL
  SELECT c.currency, c.market, 'service', 'number', 0, CASE WHEN r.service_charged THEN r.service_allowance END, true, false, 0, r.valid_from, r.valid_to
  FROM (SELECT DISTINCT currency, market FROM rate_card) AS c, price_rule AS r
  WHERE NOT r.service_charged OR r.service_allowance > 0
),
local AS (
  SELECT c.* EXCLUDE (valid_from, valid_to), m.country,
    greatest(c.valid_from, m.valid_from) AS valid_from, least(c.valid_to, m.valid_to) AS valid_to
  FROM card AS c
  JOIN market AS m ON m.market = c.market AND c.valid_from < m.valid_to AND m.valid_from < c.valid_to
),
marked AS (
  SELECT l.* EXCLUDE (valid_from, valid_to), p.share, p.fee_micros,
    greatest(l.valid_from, p.valid_from) AS valid_from, least(l.valid_to, p.valid_to) AS valid_to
  FROM local AS l
  JOIN (
    -- The markup of the category, or that of all; and nothing before the first one.
    SELECT category, share, fee_micros, valid_from, valid_to FROM partner_markup
    UNION ALL
    SELECT category, 0, 0, DATE '-infinity', min(valid_from) FROM partner_markup GROUP BY category
    UNION ALL
    SELECT '*', 0, 0, DATE '-infinity', DATE 'infinity' WHERE NOT EXISTS (FROM partner_markup WHERE category = '*')
  ) AS p
    ON p.category = CASE WHEN l.category IN (SELECT category FROM partner_markup) THEN l.category ELSE '*' END
   AND l.valid_from < p.valid_to AND p.valid_from < l.valid_to
),
edge AS (
  SELECT z.time_zone, d.day,
    CASE WHEN isinf(d.day) THEN d.day::TIMESTAMP ELSE d.day::TIMESTAMP AT TIME ZONE z.time_zone AT TIME ZONE 'UTC' END AS instant
  FROM (SELECT DISTINCT time_zone FROM billed_zone) AS z, (SELECT valid_from AS day FROM marked UNION SELECT valid_to FROM marked) AS d
)
SELECT
  m.currency, z.time_zone, m.country, m.category, m.market, m.scope, m.from_messages, m.to_messages, m.is_free, m.free_in_window,
  CASE WHEN m.is_free THEN 0 ELSE m.price_micros + round(m.price_micros * m.share, 0)::BIGINT + m.fee_micros END AS price_micros,
  f.instant AS valid_from, t.instant AS valid_to
FROM marked AS m
JOIN billed_zone AS z ON z.currency = m.currency
JOIN edge AS f ON f.time_zone = z.time_zone AND f.day = m.valid_from
JOIN edge AS t ON t.time_zone = z.time_zone AND t.day = m.valid_to

-- audit: one price at a time
SELECT a.currency, a.time_zone, a.country, a.category, a.valid_from
FROM country_rate AS a
JOIN country_rate AS b
  ON b.currency = a.currency AND b.time_zone = a.time_zone AND b.country = a.country AND b.category = a.category
 AND (b.valid_from, b.from_messages) > (a.valid_from, a.from_messages)
WHERE b.valid_from < a.valid_to AND a.valid_from < b.valid_to
  AND b.from_messages < coalesce(a.to_messages, 9223372036854775807) AND a.from_messages < coalesce(b.to_messages, 9223372036854775807)
