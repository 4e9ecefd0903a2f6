-- Messages that named a permit whose lease is not over or ended less than ten minutes ago. A lease lasts an hour at the most.
SELECT p.permit_id, count(*) AS used
FROM fact_permit AS p
JOIN fact_message AS m ON m.permit_id = p.permit_id
WHERE p.granted_at >= getvariable('lease_from') AND p.expires_at > getvariable('lease_over')
  AND m.message_at >= getvariable('used_from') AND m.message_at < getvariable('part_to')
GROUP BY p.permit_id
ORDER BY p.permit_id;
