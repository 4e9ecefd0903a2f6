/*
name: message_charge
kind: view
layer: staging
grain: one delivered outbound message x recipient
time_column: message_at
description: >
  What each delivered message is charged by, before the volume tier is known: category, market, whose volume it counts for, and whether it is free.
  What the platform said in its pricing object wins; where it said nothing, windows and rules of the day decide. A message is charged once, at its first
  delivery.
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
  rate_country: the same, or * where no market lists it; null when it is not known
  currency: ISO 4217, in which the account is billed
  time_zone: of the account, IANA name
  stated_category: as the platform priced it, else as requested
  price_category: as on the rate card
  month: {description: first day of the month by the clock of the account, unit: UTC}
  free_reason: why it is free whatever its volume; null when it is not
  counts_for: whose volume it counts for; null where there are no tiers, or it is free
  market: as on the rate card; null when no card is known
  first_price_micros: {description: price in the first tier; null when it is not known, unit: micro-units of the currency}
  first_is_free: the first tier costs nothing
  is_conversation: priced by conversation, as before 2025-07-01
*/
WITH known AS (
  SELECT
    m.message_key, m.message_at, m.delivered_at AS charged_at, m.campaign_id, m.variant_id, m.template_name, m.template_language, m.category, m.segment_id, m.read_at, m.replied_at, m.clicked_at, m.last_event_at,
    m.waba_id, m.phone_number_id, m.country,
    CASE WHEN m.country IS NOT NULL THEN coalesce(l.country, '*') END AS rate_country,
    coalesce(a.currency, 'USD') AS currency,
    coalesce(a.time_zone, 'UTC') AS time_zone,
    coalesce(a.portfolio, m.waba_id, '') AS portfolio,
    coalesce(m.pricing_category, m.kind) AS stated_category,
    coalesce(c.category, m.pricing_category, m.kind) AS price_category,
    m.pricing_type, m.pricing_category, m.billable,
    m.pricing_type IS NULL AND m.billable IS NULL AS unstated,
    CASE WHEN m.pricing_type IS NULL AND m.billable IS NULL THEN m.phone_alias END AS phone_alias,
    CASE WHEN m.pricing_type IS NULL AND m.billable IS NULL THEN m.user_alias END AS user_alias,
    m.pricing_model
  FROM message_state AS m
  LEFT JOIN billing_account AS a ON a.waba_id = m.waba_id
  LEFT JOIN price_category AS c ON c.pricing_category = m.pricing_category
  LEFT JOIN (SELECT DISTINCT country FROM country_market) AS l ON l.country = m.country
  WHERE m.delivered_at IS NOT NULL
),
dated AS (
  SELECT k.*,
    CASE WHEN k.charged_at < b.from_at THEN b.month - INTERVAL 1 MONTH WHEN k.charged_at >= b.to_at THEN b.month + INTERVAL 1 MONTH ELSE b.month END AS month
  FROM known AS k
  LEFT JOIN billing_month AS b ON b.time_zone = k.time_zone AND b.month = date_trunc('month', k.charged_at)
)
SELECT
  d.message_key, d.message_at, d.charged_at, d.campaign_id, d.variant_id, d.template_name, d.template_language, d.category, d.segment_id, d.read_at, d.replied_at, d.clicked_at, d.last_event_at,
  d.waba_id, d.phone_number_id, d.country, d.rate_country, d.currency, d.time_zone, d.stated_category, d.price_category, d.month,
  CASE
    WHEN starts_with(d.pricing_type, 'free') THEN d.pricing_type
    WHEN NOT d.billable THEN 'not_billable'
    WHEN d.pricing_category = 'referral_conversion' THEN 'free_entry_point'
    WHEN d.unstated AND coalesce(pe.kind, ue.kind) IS NOT NULL THEN 'free_entry_point'
    WHEN d.unstated AND t.free_in_window AND coalesce(ps.kind, us.kind) IS NOT NULL THEN 'free_customer_service'
  END AS free_reason,
  CASE WHEN free_reason IS NULL AND t.to_messages IS NOT NULL AND d.pricing_model IS DISTINCT FROM 'CBP'
    THEN CASE t.scope WHEN 'number' THEN 'number ' || coalesce(d.phone_number_id, '') ELSE 'portfolio ' || d.portfolio || ' in ' || t.market END
  END AS counts_for,
  t.market,
  CASE WHEN d.pricing_model IS DISTINCT FROM 'CBP' THEN t.price_micros END AS first_price_micros,
  coalesce(t.is_free, false) AS first_is_free,
  coalesce(d.pricing_model = 'CBP', d.charged_at < (SELECT min(valid_from) FROM price_rule)) AS is_conversation
FROM dated AS d
LEFT JOIN country_rate AS t
  ON t.currency = d.currency AND t.time_zone = d.time_zone AND t.country = d.rate_country AND t.category = d.price_category
 AND d.charged_at >= t.valid_from AND d.charged_at < t.valid_to AND t.from_messages = 0
LEFT JOIN free_window AS pe ON pe.kind = 'entry' AND pe.alias_id = d.phone_alias AND pe.phone_number_id = coalesce(d.phone_number_id, '')
  AND d.charged_at >= pe.opened_at AND d.charged_at < pe.closed_at
LEFT JOIN free_window AS ue ON ue.kind = 'entry' AND ue.alias_id = d.user_alias AND ue.phone_number_id = coalesce(d.phone_number_id, '')
  AND d.charged_at >= ue.opened_at AND d.charged_at < ue.closed_at
LEFT JOIN free_window AS ps ON ps.kind = 'service' AND ps.alias_id = d.phone_alias AND ps.phone_number_id = coalesce(d.phone_number_id, '')
  AND d.charged_at >= ps.opened_at AND d.charged_at < ps.closed_at
LEFT JOIN free_window AS us ON us.kind = 'service' AND us.alias_id = d.user_alias AND us.phone_number_id = coalesce(d.phone_number_id, '')
  AND d.charged_at >= us.opened_at AND d.charged_at < us.closed_at
