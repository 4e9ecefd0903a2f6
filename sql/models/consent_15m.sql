/*
name: consent_15m
kind: view
layer: mart
grain: one quarter hour x category x source x account x number
time_column: bucket_at
description: Consent given and withdrawn, as told by people, the platform and the sender's books.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  category: marketing or another
  source: preference, stop_word, button, platform_refusal or backend
  waba_id: WhatsApp business account
  phone_number_id: number
  granted: {description: consents, unit: events}
  withdrawn: {description: withdrawals, unit: events}
  told: {description: both, unit: events}
  last_event_at: {description: newest, unit: UTC}
*/
SELECT quarter_hour(occurred_at) AS bucket_at, category, source, waba_id, phone_number_id,
  count(*) FILTER (WHERE state = 'granted') AS granted,
  count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
  count(*) AS told,
  max(occurred_at) AS last_event_at
FROM fact_consent
GROUP BY quarter_hour(occurred_at), category, source, waba_id, phone_number_id

-- audit: every consent of the facts is counted once
SELECT f.n AS in_facts, m.n AS in_mart
FROM (SELECT count(*) AS n FROM fact_consent) AS f, (SELECT coalesce(sum(granted + withdrawn), 0) AS n FROM consent_15m) AS m
WHERE f.n <> m.n
