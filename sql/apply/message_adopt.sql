-- Turns the adopted rows into evidence about their send: they are taken away and merged like everything else.
INSERT INTO patch
SELECT
  NULL, a.send_id, m.message_id, m.participant_alias, m.phone_alias, m.user_alias, m.country, m.phone_number_id, m.waba_id,
  m.accepted_at, m.held_at, m.paused_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.replied_at, m.clicked_at,
  m.failed_at, m.refused, m.error_code, m.error_title,
  m.priced_at, m.pricing_model, m.pricing_type, m.pricing_category, m.billable, m.message_at
FROM fact_message AS m
JOIN adopted AS a ON a.message_key = m.message_key AND a.opened_at = m.opened_at
WHERE m.opened_at BETWEEN (SELECT min(opened_at) FROM adopted) AND (SELECT max(opened_at) FROM adopted);

INSERT INTO changed_message (bucket_at, campaign_id)
SELECT DISTINCT quarter_hour(m.message_at), m.campaign_id
FROM fact_message AS m JOIN adopted AS a ON a.message_key = m.message_key AND a.opened_at = m.opened_at;

DELETE FROM fact_message AS m USING adopted AS a WHERE m.message_key = a.message_key AND m.opened_at = a.opened_at;
DELETE FROM unlinked_message AS u USING adopted AS a WHERE u.message_key = a.message_key;
