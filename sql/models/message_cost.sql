/*
name: message_cost
kind: view
layer: staging
grain: one delivered outbound message x recipient
time_column: message_at
description: >
  What each delivered message cost: the price on the card of its day, for its market, category and volume tier, with the partner's markup, once. Null
  where no price is known; unpriced_reason says why.
columns:
  message_key: the message
  message_at: {description: its time, unit: UTC}
  charged_at: {description: first proof of delivery, unit: UTC}
  campaign_id: campaign
  variant_id: arm or variant
  template_name: template
  template_language: language of the template
  category: marketing, utility, authentication or service, as requested
  segment_id: segment at send time
  read_at: {description: first proof of reading, unit: UTC}
  replied_at: {description: first reply whose context names the message, unit: UTC}
  clicked_at: {description: first click or button tap tied to the message, unit: UTC}
  last_event_at: {description: newest state, unit: UTC}
  waba_id: WhatsApp business account
  phone_number_id: sending number
  country: of the recipient, ISO 3166-1 alpha-2
  market: as on the rate card; null when no card is known
  price_category: as on the rate card
  month: {description: first day of the month by the clock of the account, unit: UTC}
  passed: {description: bound of volume passed before it, unit: messages}
  free_reason: why it was free; null when it was not, or when that is not known
  unpriced_reason: no_country, no_category, conversation_price, no_card, price_not_listed or no_exchange_rate; null when the cost is known
  currency: ISO 4217, in which the account is billed
  billed_micros: {description: what it cost there, unit: micro-units of the account's currency}
  cost_micros: {description: what it cost, unit: micro-units of the reporting currency}
*/
WITH placed AS (
  SELECT c.*, coalesce(s.passed, 0) AS passed
  FROM message_charge AS c
  LEFT JOIN tier_step AS s
    ON s.counts_for = c.counts_for AND s.price_category = c.price_category AND s.month = c.month
   AND (c.charged_at, c.message_key) >= (s.from_at, s.from_key) AND (c.charged_at, c.message_key) < (s.to_at, s.to_key)
),
priced AS (
  SELECT p.*,
    CASE
      WHEN p.free_reason IS NOT NULL THEN p.free_reason
      WHEN p.passed = 0 AND p.first_is_free THEN CASE WHEN p.counts_for IS NULL THEN 'free_customer_service' ELSE 'free_allowance' END
    END AS why_free,
    CASE WHEN why_free IS NOT NULL THEN 0 WHEN p.passed = 0 THEN p.first_price_micros ELSE r.price_micros END AS billed_micros
  FROM placed AS p
  LEFT JOIN country_rate AS r
    ON r.currency = CASE WHEN p.passed > 0 THEN p.currency END AND r.time_zone = p.time_zone AND r.country = p.rate_country
   AND r.category = p.price_category AND p.charged_at >= r.valid_from AND p.charged_at < r.valid_to
   AND r.from_messages <= p.passed AND p.passed < coalesce(r.to_messages, 9223372036854775807)
),
-- Prices are few: each is converted once, not for every message.
converted AS (
  SELECT r.currency, r.price_micros, x.valid_from, x.valid_to, round(r.price_micros * x.rate, 0)::BIGINT AS cost_micros
  FROM (SELECT DISTINCT currency, price_micros FROM country_rate WHERE price_micros IS NOT NULL) AS r
  JOIN exchange_rate AS x USING (currency)
)
SELECT
  p.message_key, p.message_at, p.charged_at, p.campaign_id, p.variant_id, p.template_name, p.template_language, p.category, p.segment_id,
  p.read_at, p.replied_at, p.clicked_at, p.last_event_at, p.waba_id, p.phone_number_id, p.country, p.market, p.price_category, p.month, p.passed,
  p.why_free AS free_reason,
  CASE
    WHEN p.billed_micros = 0 THEN NULL
    WHEN p.billed_micros IS NOT NULL THEN CASE WHEN c.cost_micros IS NULL THEN 'no_exchange_rate' END
    WHEN p.price_category IS NULL THEN 'no_category'
    WHEN p.rate_country IS NULL THEN 'no_country'
    WHEN p.is_conversation THEN 'conversation_price'
    WHEN p.market IS NULL THEN 'no_card'
    ELSE 'price_not_listed'
  END AS unpriced_reason,
  p.currency,
  p.billed_micros,
  CASE WHEN p.billed_micros = 0 THEN 0 ELSE c.cost_micros END AS cost_micros
FROM priced AS p
LEFT JOIN converted AS c
  ON c.currency = p.currency AND c.price_micros = p.billed_micros AND p.charged_at >= c.valid_from AND p.charged_at < c.valid_to
