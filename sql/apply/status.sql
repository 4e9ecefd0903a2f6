-- fact_status: the statuses of this lane that are not there yet. A copy has the same content and therefore the same time.
-- The join hands the range of the staged times to the scan of fact_status, which prunes it.
INSERT INTO fact_status
WITH staged AS MATERIALIZED (
  SELECT * FROM stage_status WHERE occurred_at BETWEEN (SELECT first FROM lane) AND (SELECT last FROM lane)
),
copied AS MATERIALIZED (
  SELECT f.occurred_at, f.content_hash
  FROM fact_status AS f
  SEMI JOIN staged AS s ON s.occurred_at = f.occurred_at AND s.content_hash = f.content_hash
)
SELECT
  s.message_id, s.participant_alias, s.status, s.occurred_at, s.send_id, s.callback_data, s.phone_alias, s.user_alias,
  s.phone_number_id, s.waba_id, s.error_code, s.error_title, s.pricing_model, s.pricing_type, s.pricing_category, s.billable,
  s.conversation_id, s.conversation_type, s.content_hash
FROM staged AS s
ANTI JOIN copied AS c ON c.occurred_at = s.occurred_at AND c.content_hash = s.content_hash;
