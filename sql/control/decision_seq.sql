-- The number of the newest decision, 0 before the first.
SELECT coalesce(max(seq), 0) AS seq FROM fact_control_decision;
