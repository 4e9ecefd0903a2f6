-- fact_status: the statuses of this lane that are not there yet.
-- A copy has the same content and therefore the same time, so the literal bounds of the lane lose nothing and prune the scan.
INSERT INTO fact_status
SELECT
  s.message_id, s.participant_alias, s.status, s.occurred_at, s.send_id, s.callback_data, s.phone_alias, s.user_alias,
  s.phone_number_id, s.waba_id, s.error_code, s.error_title, s.pricing_model, s.pricing_type, s.pricing_category, s.billable,
  s.conversation_id, s.conversation_type, s.content_hash
FROM stage_status AS s
WHERE s.occurred_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
  AND NOT EXISTS (
    FROM fact_status AS f
    WHERE f.occurred_at BETWEEN getvariable('lane_from') AND getvariable('lane_to')
      AND f.occurred_at = s.occurred_at
      AND f.content_hash = s.content_hash
  );
