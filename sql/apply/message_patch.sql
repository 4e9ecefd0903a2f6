-- patch: what this batch says about outbound messages, one row an evidence. Later steps find the message and merge.
CREATE OR REPLACE TEMP TABLE patch AS
SELECT
  NULL::VARCHAR AS message_key, send_id, message_id, participant_alias, phone_alias, user_alias, country, phone_number_id, waba_id,
  NULL::TIMESTAMP AS accepted_at, NULL::TIMESTAMP AS held_at, NULL::TIMESTAMP AS paused_at,
  CASE WHEN status = 'sent' THEN occurred_at END AS sent_at,
  CASE WHEN status IN ('delivered', 'read', 'played') THEN occurred_at END AS delivered_at,
  CASE WHEN status = 'read' THEN occurred_at END AS read_at,
  CASE WHEN status = 'played' THEN occurred_at END AS played_at,
  NULL::TIMESTAMP AS replied_at, NULL::TIMESTAMP AS clicked_at,
  CASE WHEN status = 'failed' THEN occurred_at END AS failed_at,
  CASE WHEN status = 'failed' THEN false END AS refused,
  CASE WHEN status = 'failed' THEN error_code END AS error_code,
  CASE WHEN status = 'failed' THEN error_title END AS error_title,
  CASE WHEN coalesce(pricing_model, pricing_type, pricing_category) IS NOT NULL OR billable IS NOT NULL THEN occurred_at END AS priced_at,
  pricing_model, pricing_type, pricing_category, billable,
  occurred_at AS seen_at
FROM stage_status
UNION ALL
-- The sender's own account of a send, after the request itself.
SELECT
  NULL, send_id, message_id, NULL, phone_alias, user_alias, country, phone_number_id, waba_id,
  CASE WHEN step = 'accepted' THEN occurred_at END, CASE WHEN step = 'held' THEN occurred_at END,
  CASE WHEN step = 'paused' THEN occurred_at END, NULL, NULL, NULL, NULL, NULL, NULL,
  CASE WHEN step = 'rejected' THEN occurred_at END, CASE WHEN step = 'rejected' THEN true END,
  CASE WHEN step = 'rejected' THEN error_code END, CASE WHEN step = 'rejected' THEN error_title END,
  NULL, NULL, NULL, NULL, NULL, occurred_at
FROM stage_send
UNION ALL
-- An inbound message that names the message it answers proves that one was delivered.
SELECT
  NULL, NULL, context_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  occurred_at, NULL, NULL,
  CASE WHEN counts_as_reply THEN occurred_at END, CASE WHEN counted_type = 'button' THEN occurred_at END,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, occurred_at
FROM stage_inbound
WHERE context_id IS NOT NULL
UNION ALL
-- So does a click tied to it.
SELECT
  NULL, send_id, message_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  occurred_at, NULL, NULL, NULL, occurred_at,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, occurred_at
FROM stage_click
WHERE coalesce(send_id, message_id) IS NOT NULL;

-- batch_link: which platform id belongs to which send, as far as this batch tells.
CREATE OR REPLACE TEMP TABLE batch_link AS
SELECT message_id, min(send_id) AS send_id
FROM patch
WHERE message_id IS NOT NULL AND send_id IS NOT NULL
GROUP BY message_id;

UPDATE patch SET send_id = l.send_id FROM batch_link AS l WHERE patch.send_id IS NULL AND patch.message_id = l.message_id;
