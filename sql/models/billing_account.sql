/*
name: billing_account
kind: incremental
layer: staging
key: [waba_id]
touched: changed_account
grain: one registered WhatsApp business account
description: >
  How each account is billed: which portfolio's volume tiers it shares, in which currency, and by which clock. An account that is not registered is taken
  to stand alone, to pay in USD and to live in UTC, as one that is registered without these.
columns:
  waba_id: WhatsApp business account
  portfolio: business portfolio, or the account itself where it has none
  currency: ISO 4217
  time_zone: IANA name; UTC when DuckDB does not know the one registered
*/

-- temp: newest_account
SELECT
  a.id AS waba_id,
  coalesce(p.portfolio_id, a.id) AS portfolio,
  coalesce(a.currency, 'USD') AS currency,
  coalesce(z.name, 'UTC') AS time_zone
FROM (FROM dim_registry WHERE kind = 'waba' QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1) AS a
LEFT JOIN waba_portfolio AS p ON p.waba_id = a.id
LEFT JOIN pg_timezone_names() AS z ON z.name = a.time_zone

-- temp: changed_account
SELECT waba_id FROM (SELECT * FROM newest_account EXCEPT SELECT * FROM billing_account)

-- query
SELECT waba_id, portfolio, currency, time_zone FROM newest_account

-- emit: changed_message
SELECT DISTINCT quarter_hour(message_at) AS bucket_at, campaign_id
FROM fact_message SEMI JOIN changed_account USING (waba_id)

-- audit: one row an account
SELECT waba_id, count(*) AS copies FROM billing_account GROUP BY waba_id HAVING count(*) > 1
