-- Messages that were not there.
INSERT INTO fact_message (
  message_key, origin_known, opened_at, message_at, message_id, participant_alias, contact_alias, phone_alias, user_alias, country,
  campaign_id, variant_id, template_name, template_language, category, segment_id, permit_id, message_type, expires_at,
  phone_number_id, waba_id, requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at,
  replied_at, clicked_at, failed_at, refused, error_code, error_title, dropped_at, priced_at, pricing_model, pricing_type,
  pricing_category, billable, request_event_id, identity_mark
)
SELECT
  g.message_key, g.origin_known, g.opened_at, g.message_at, f.message_id, f.participant_alias, f.contact_alias, f.phone_alias,
  f.user_alias, f.country, f.campaign_id, f.variant_id, f.template_name, f.template_language, f.category, f.segment_id, f.permit_id,
  f.message_type, f.expires_at, f.phone_number_id, f.waba_id,
  g.requested_at, g.accepted_at, g.held_at, g.paused_at, g.sent_at, g.delivered_at, g.read_at, g.played_at, g.replied_at,
  g.clicked_at, g.failed_at, g.refused, g.error_code, g.error_title, g.dropped_at, g.priced_at, g.pricing_model, g.pricing_type,
  g.pricing_category, g.billable, f.request_event_id,
  identity_hash(f.message_id, f.phone_alias, f.user_alias, f.country, f.phone_number_id, f.waba_id)
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE NOT g.is_old
ORDER BY g.opened_at;
