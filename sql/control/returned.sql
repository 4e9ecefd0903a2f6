-- What came back of these leases.
SELECT r.permit_id, sum(r.count)::BIGINT AS returned
FROM fact_permit_return AS r
SEMI JOIN (SELECT permit_id FROM fact_permit
           WHERE granted_at > getvariable('day_from') AND (expires_at > getvariable('lease_over') OR people > 0)) AS p USING (permit_id)
WHERE r.returned_at > getvariable('day_from')
GROUP BY r.permit_id
ORDER BY r.permit_id;
