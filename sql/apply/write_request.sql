-- The request is one statement: the earliest wins whole.
UPDATE fact_message AS m SET
  contact_alias = f.contact_alias, campaign_id = f.campaign_id, variant_id = f.variant_id, template_name = f.template_name,
  template_language = f.template_language, category = f.category, segment_id = f.segment_id, permit_id = f.permit_id,
  message_type = f.message_type, expires_at = f.expires_at, requested_at = f.requested_at, request_event_id = f.request_event_id
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE g.is_old AND g.offers_request
  AND (m.requested_at IS NULL OR (f.requested_at, f.request_event_id) < (m.requested_at, m.request_event_id))
  AND m.rowid = g.row_id AND m.opened_at = g.opened_at;
