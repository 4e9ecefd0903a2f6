-- Every number that is registered, was sent from or has permits: where it belongs, its newest feedback, sends seen and rights given.
WITH seen AS (
  SELECT phone_number_id, min(waba_id) AS waba_id, sum(seen) AS seen, max(feedback_at) AS feedback_at
  FROM (FROM control_old.scope_group UNION ALL FROM temp.scope_group)
  WHERE phone_number_id IS NOT NULL
  GROUP BY phone_number_id
),
heard AS (
  SELECT phone_number_id, max(feedback_at) AS feedback_at
  FROM (FROM control_old.inbound_group UNION ALL FROM temp.inbound_group)
  GROUP BY phone_number_id
),
granted AS (
  SELECT phone_number_id, sum(permitted) AS permitted
  FROM (FROM control_old.granted_group UNION ALL FROM temp.granted_group)
  GROUP BY phone_number_id
),
known AS (
  SELECT phone_number_id FROM temp.number
  UNION SELECT phone_number_id FROM seen
  UNION SELECT phone_number_id FROM heard
  UNION SELECT phone_number_id FROM control_old.first_permit
)
SELECT k.phone_number_id, coalesce(n.waba_id, s.waba_id) AS waba_id, w.portfolio_id,
  epoch_ms(greatest(s.feedback_at, h.feedback_at)) AS last_feedback_at,
  coalesce(s.seen, 0)::BIGINT AS seen, CASE WHEN f.granted_at IS NULL THEN 0 ELSE coalesce(g.permitted, 0) END::BIGINT AS permitted
FROM known AS k
LEFT JOIN temp.number AS n USING (phone_number_id)
LEFT JOIN seen AS s USING (phone_number_id)
LEFT JOIN heard AS h USING (phone_number_id)
LEFT JOIN granted AS g USING (phone_number_id)
LEFT JOIN control_old.first_permit AS f USING (phone_number_id)
LEFT JOIN waba_portfolio AS w ON w.waba_id = coalesce(n.waba_id, s.waba_id)
ORDER BY k.phone_number_id;
