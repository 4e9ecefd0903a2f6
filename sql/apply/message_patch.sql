-- What a batch says about outbound messages, one row an evidence: read straight from the staged tables.
CREATE OR REPLACE TEMP VIEW patch AS
SELECT
  send_id, message_id, participant_alias, phone_alias, user_alias, country, phone_number_id, waba_id,
  NULL::TIMESTAMP AS accepted_at, NULL::TIMESTAMP AS held_at, NULL::TIMESTAMP AS paused_at,
  CASE WHEN status = 'sent' THEN occurred_at END AS sent_at,
  CASE WHEN status IN ('delivered', 'read', 'played') THEN occurred_at END AS delivered_at,
  CASE WHEN status = 'read' THEN occurred_at END AS read_at,
  CASE WHEN status = 'played' THEN occurred_at END AS played_at,
  NULL::TIMESTAMP AS replied_at, NULL::TIMESTAMP AS clicked_at,
  CASE WHEN status = 'failed' THEN failure_text(occurred_at, error_code, false, error_title) END AS failure,
  CASE WHEN pricing_model IS NOT NULL OR pricing_type IS NOT NULL OR pricing_category IS NOT NULL OR billable IS NOT NULL
       THEN price_text(occurred_at, pricing_model, pricing_type, pricing_category, billable) END AS price,
  occurred_at AS seen_at
FROM stage_status
UNION ALL
-- The sender's own account of a send, after the request itself.
SELECT
  send_id, message_id, NULL, phone_alias, user_alias, country, phone_number_id, waba_id,
  CASE WHEN step = 'accepted' THEN occurred_at END, CASE WHEN step = 'held' THEN occurred_at END,
  CASE WHEN step = 'paused' THEN occurred_at END, NULL, NULL, NULL, NULL, NULL, NULL,
  CASE WHEN step = 'rejected' THEN failure_text(occurred_at, error_code, true, error_title) END, NULL, occurred_at
FROM stage_send
UNION ALL
-- An inbound message that names the message it answers proves that one was delivered.
SELECT
  NULL, context_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  occurred_at, NULL, NULL,
  CASE WHEN counts_as_reply THEN occurred_at END, CASE WHEN counted_type = 'button' THEN occurred_at END, NULL, NULL, occurred_at
FROM stage_inbound
WHERE context_id IS NOT NULL
UNION ALL
-- So does a click tied to it.
SELECT
  send_id, message_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  occurred_at, NULL, NULL, NULL, occurred_at, NULL, NULL, occurred_at
FROM stage_click
WHERE send_id IS NOT NULL OR message_id IS NOT NULL
UNION ALL
-- And what was known of messages that turn out to belong to a send.
SELECT
  send_id, message_id, participant_alias, phone_alias, user_alias, country, phone_number_id, waba_id,
  accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, replied_at, clicked_at, failure, price, message_at
FROM adopted;
