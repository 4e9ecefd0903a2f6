-- A link has come for messages that were known only by the platform's id: they are taken away and merged into their send like
-- everything else that is known of it.
INSERT INTO adopted
SELECT m.*, l.send_id, failure_text(m.failed_at, m.error_code, m.refused, m.error_title),
  price_text(m.priced_at, m.pricing_model, m.pricing_type, m.pricing_category, m.billable)
FROM unlinked_message AS u
JOIN batch_link AS l ON l.message_id = u.message_id
JOIN fact_message AS m ON m.message_key = u.message_key AND m.opened_at = u.opened_at;

INSERT INTO changed_message (bucket_at, campaign_id) SELECT DISTINCT quarter_hour(message_at), campaign_id FROM adopted;

-- The send may be to somebody else, who then takes over what it was credited with.
INSERT INTO changed_contact (alias_id, changed_at)
SELECT alias_id, min(message_at)
FROM (SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id, message_at FROM adopted WHERE delivered_at IS NOT NULL)
WHERE alias_id IS NOT NULL
GROUP BY alias_id;

DELETE FROM fact_message AS m USING adopted AS a WHERE m.message_key = a.message_key AND m.opened_at = a.opened_at;
DELETE FROM unlinked_message AS u USING adopted AS a WHERE u.message_key = a.message_key;
