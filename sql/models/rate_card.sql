/*
name: rate_card
kind: table
layer: seed
seed: rate_card.csv
grain: one currency x market x category x volume tier x interval of validity
description: >
  List prices per message. A card holds from midnight of its day in the account's time zone until the next one of its currency,
  market and category. An empty price is not known, which is not the same as free: the lower bound of such a row says up to where the price before
  it is known to hold. Rows of the user's own file take the place of ours, per currency, market, category and day as a whole.
columns:
  currency: ISO 4217, in which the account is billed
  market: name as on the rate card
  category: marketing, utility, authentication, authentication_international, service, or any other that the platform names
  from_messages: {description: "messages charged before in the month, from which the tier holds", unit: messages}
  to_messages: {description: where the next tier begins; null when there is none, unit: messages}
  price_micros: {description: of one message; null when it is not known, unit: micro-units of the currency}
  valid_from: first day
  valid_to: first day that is out again
*/
WITH line AS (
  SELECT
    currency, market, category, from_messages::BIGINT AS from_messages, (price::DECIMAL(18, 6) * 1000000)::BIGINT AS price_micros,
    valid_from::DATE AS valid_from, filename <> getvariable('seed_file') AS own
  FROM read_csv(getvariable('seed_files'), header = true, all_varchar = true, filename = true)
),
chosen AS (
  SELECT * FROM line
  QUALIFY own OR NOT bool_or(own) OVER (PARTITION BY currency, market, category, valid_from)
),
card AS (
  SELECT currency, market, category, valid_from,
    coalesce(lead(valid_from) OVER (PARTITION BY currency, market, category ORDER BY valid_from), DATE 'infinity') AS valid_to
  FROM (SELECT DISTINCT currency, market, category, valid_from FROM chosen)
)
SELECT
  c.currency, c.market, c.category, l.from_messages,
  lead(l.from_messages) OVER (PARTITION BY c.currency, c.market, c.category, c.valid_from ORDER BY l.from_messages) AS to_messages,
  l.price_micros, c.valid_from, c.valid_to
FROM card AS c
JOIN chosen AS l USING (currency, market, category, valid_from)

-- audit: tiers begin at 0 and do not repeat
SELECT currency, market, category, valid_from
FROM rate_card
GROUP BY currency, market, category, valid_from
HAVING min(from_messages) <> 0 OR count(*) <> count(DISTINCT from_messages)

-- audit: no price is below zero
SELECT * FROM rate_card WHERE price_micros < 0
