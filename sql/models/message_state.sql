/*
name: message_state
kind: view
layer: staging
grain: one outbound message x recipient
time_column: message_at
description: >
  Each message with the states that the rates count. States cascade: what proves a later state proves the earlier ones, so a
  numerator never passes its denominator.
columns:
  message_key: the send id when known, else the platform's message id
  message_at: {description: earliest known state, unit: UTC}
  bucket_at: {description: start of the quarter hour of message_at, unit: UTC}
  campaign_id: campaign
  variant_id: arm or variant
  template_name: template
  template_language: language of the template
  category: marketing, utility, authentication or service, as requested
  phone_number_id: sending number
  waba_id: WhatsApp business account
  segment_id: segment at send time
  country: of the recipient, ISO 3166-1 alpha-2
  person_alias: the recipient, by the strongest alias known on the message
  sent_at: {description: the platform sent it, unit: UTC}
  delivered_at: {description: first proof of delivery, unit: UTC}
  read_at: {description: first proof of reading, unit: UTC}
  played_at: {description: a voice message was played, unit: UTC}
  replied_at: {description: first reply whose context names the message, unit: UTC}
  clicked_at: {description: first click or button tap tied to the message, unit: UTC}
  failed_at: {description: failure without any proof of delivery, unit: UTC}
  error_code: code of that failure
  error_class: class of the code, "unknown" when it is not listed
  requested: the sender told of the request
  sent: sent, or any proof of more
  held: the platform held or paused it at some time
  still_held: held or paused, and nothing further
  accepted: the platform took it, held ones only once they went on
  attempted: accepted, or refused for the recipient's sake, or held first and dropped; not still held
  platform_blocked: attempted, and failed with 131049, 130472 or 131050
  refused: the failure came in the reply to the send
  dropped: held first, then refused by pacing or a template pause
  last_event_at: {description: newest state, unit: UTC}
  permit_id: the permit that the request named
  webhook_at: {description: newest state that a webhook told, unit: UTC}
  kind: category as requested, else as the platform priced it
  out_at:
    description: >
      when it went out: accepted, once a hold was over, else its first further state; a request with a permit is as good as sent
    unit: UTC
  open_until:
    description: >
      of an attempted message without an end: when it can no longer be delivered. Its time to live (30 days, authentication 10 minutes
      unless told) and an hour, as the platform says nothing when it gives a message up
    unit: UTC
  phone_alias: the recipient's number, by its surrogate
  user_alias: the recipient's business-scoped user id, by its surrogate
  pricing_model: as the platform said with a status
  pricing_type: as the platform said with a status
  pricing_category: as the platform said with a status
  billable: as the platform said with a status
*/
SELECT
  m.message_key,
  m.message_at,
  quarter_hour(m.message_at) AS bucket_at,
  m.campaign_id,
  m.variant_id,
  m.template_name,
  m.template_language,
  m.category,
  m.phone_number_id,
  m.waba_id,
  m.segment_id,
  m.country,
  coalesce(m.contact_alias, m.user_alias, m.phone_alias) AS person_alias,
  m.sent_at,
  m.delivered_at,
  least(m.read_at, m.played_at) AS read_at,
  m.played_at,
  m.replied_at,
  m.clicked_at,
  CASE WHEN m.delivered_at IS NULL THEN m.failed_at END AS failed_at,
  CASE WHEN m.delivered_at IS NULL THEN m.error_code END AS error_code,
  CASE WHEN m.delivered_at IS NULL AND m.failed_at IS NOT NULL THEN coalesce(e.class, 'unknown') END AS error_class,
  m.requested_at IS NOT NULL AS requested,
  m.sent_at IS NOT NULL OR m.delivered_at IS NOT NULL AS sent,
  coalesce(m.held_at, m.paused_at) IS NOT NULL AS held,
  -- Something further: a status, a drop, or an acceptance after the hold.
  coalesce(m.held_at, m.paused_at) IS NOT NULL AND coalesce(m.sent_at, m.delivered_at, m.failed_at, m.dropped_at) IS NULL
    AND coalesce(m.accepted_at <= greatest(m.held_at, m.paused_at), true) AS still_held,
  NOT still_held AND (m.accepted_at IS NOT NULL OR m.sent_at IS NOT NULL OR m.delivered_at IS NOT NULL
    OR (m.failed_at IS NOT NULL AND NOT coalesce(m.refused, false))) AS accepted,
  NOT still_held AND (accepted OR held
    OR (m.failed_at IS NOT NULL AND coalesce(e.class IN ('recipient', 'platform_block'), false))) AS attempted,
  attempted AND m.delivered_at IS NULL AND m.failed_at IS NOT NULL AND coalesce(e.class = 'platform_block', false) AS platform_blocked,
  m.delivered_at IS NULL AND m.failed_at IS NOT NULL AND coalesce(m.refused, false) AS refused,
  m.delivered_at IS NULL AND m.dropped_at IS NOT NULL AS dropped,
  greatest(m.message_at, m.accepted_at, m.held_at, m.paused_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.replied_at,
    m.clicked_at, m.failed_at, m.dropped_at) AS last_event_at,
  m.permit_id,
  greatest(m.sent_at, m.read_at, m.played_at, CASE WHEN m.delivered_at IS DISTINCT FROM m.clicked_at THEN m.delivered_at END,
    CASE WHEN NOT m.refused THEN m.failed_at END) AS webhook_at,
  coalesce(m.category, CASE
    WHEN m.pricing_category IN ('service', 'referral_conversion', 'user_initiated') THEN 'service'
    WHEN starts_with(m.pricing_category, 'marketing') THEN 'marketing'
    WHEN starts_with(m.pricing_category, 'utility') THEN 'utility'
    WHEN starts_with(m.pricing_category, 'authentication') THEN 'authentication' END) AS kind,
  CASE
    WHEN still_held THEN NULL
    WHEN held THEN least(CASE WHEN m.accepted_at > greatest(m.held_at, m.paused_at) THEN m.accepted_at END, m.sent_at,
      m.delivered_at, m.failed_at)
    ELSE coalesce(m.accepted_at, least(m.sent_at, m.delivered_at, m.failed_at),
      CASE WHEN m.permit_id IS NOT NULL THEN m.requested_at END)
  END AS out_at,
  CASE WHEN attempted AND coalesce(m.delivered_at, m.failed_at, m.dropped_at) IS NULL
       THEN coalesce(m.expires_at, m.message_at + CASE WHEN kind = 'authentication' THEN to_minutes(10) ELSE to_days(30) END)
         + to_hours(1) END AS open_until,
  m.phone_alias,
  m.user_alias,
  m.pricing_model,
  m.pricing_type,
  m.pricing_category,
  m.billable
FROM fact_message AS m
LEFT JOIN error_code AS e ON e.code = m.error_code
