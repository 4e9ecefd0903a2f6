-- Each fact with the books of apply: told - copies is what the table must hold.
WITH held AS (
  SELECT 'fact_status' AS fact, count(*) AS held FROM fact_status
  UNION ALL SELECT 'fact_inbound', count(*) FROM fact_inbound
  UNION ALL SELECT 'fact_assignment', count(*) FROM fact_assignment
  UNION ALL SELECT 'fact_click', count(*) FROM fact_click
  UNION ALL SELECT 'fact_conversion', count(*) FROM fact_conversion
  UNION ALL SELECT 'fact_consent', count(*) FROM fact_consent
  UNION ALL SELECT 'fact_segment_membership', count(*) FROM fact_segment_membership
  UNION ALL SELECT 'fact_platform_event', count(*) FROM fact_platform_event
  UNION ALL SELECT 'unmodelled_update', count(*) FROM unmodelled_update
)
SELECT fact, coalesce(c.told, 0)::BIGINT AS told, coalesce(c.copies, 0)::BIGINT AS copies, h.held,
  (h.held - coalesce(c.told, 0) + coalesce(c.copies, 0))::BIGINT AS difference
FROM held AS h LEFT JOIN fact_count AS c USING (fact)
ORDER BY fact;
