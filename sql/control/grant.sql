-- Leases that are not over for ten minutes, grants of 24 hours that name people, and of the others of 24 hours the newest 200,000: a
-- request that is repeated gets its answer again. A lease lasts an hour at the most.
SELECT p.permit_id, p.request_id, p.category, p.granted, p.is_shadow,
  epoch_ms(p.granted_at) AS granted_at, epoch_ms(p.expires_at) AS expires_at,
  p.portfolio_id, p.waba_id, p.phone_number_id, p.template_name, p.template_language, p.campaign_id, p.variant_id, p.segment_id,
  p.market, p.answer::VARCHAR AS answer, coalesce(n.people, []) AS people
FROM fact_permit AS p
LEFT JOIN (SELECT permit_id, list(person ORDER BY person) AS people FROM fact_permit_person
           WHERE granted_at > getvariable('day_from') GROUP BY permit_id) AS n USING (permit_id)
WHERE p.granted_at > getvariable('day_from')
QUALIFY p.expires_at > getvariable('lease_over') OR p.people > 0
  OR row_number() OVER (ORDER BY p.granted_at DESC, p.permit_id DESC) <= 200000
ORDER BY p.granted_at, p.permit_id;
