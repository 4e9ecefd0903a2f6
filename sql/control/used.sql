-- Messages of one part of the horizon, getvariable('part_from') to ('part_to'), that named a permit whose lease is not over or ended less
-- than ten minutes ago, by campaign ('' for none): of the campaigns in getvariable('only_campaigns') where it names some. What is used is
-- out: it is counted with the messages of its part (message.sql), so that no message is in neither. A lease lasts an hour at the most.
SELECT p.permit_id, coalesce(m.campaign_id, '') AS campaign_id, count(*) AS used
FROM fact_permit AS p
JOIN fact_message AS m ON m.permit_id = p.permit_id
WHERE p.granted_at >= getvariable('lease_from') AND p.expires_at > getvariable('lease_over')
  AND m.message_at >= getvariable('part_from') AND m.message_at < getvariable('part_to')
  AND (getvariable('only_campaigns') IS NULL OR list_contains(getvariable('only_campaigns')::VARCHAR[], coalesce(m.campaign_id, '')))
GROUP BY p.permit_id, coalesce(m.campaign_id, '')
ORDER BY p.permit_id, campaign_id;
