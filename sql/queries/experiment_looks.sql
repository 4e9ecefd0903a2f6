-- What verdicts said at their looks, oldest first. $experiment: one id, or NULL for all; $whole: with the whole documents.
SELECT experiment_id, design_hash, look, looked_at, state, document->>'$.verdict.arm' AS arm,
  CASE WHEN $whole THEN document::VARCHAR END AS document
FROM fact_experiment_look
WHERE $experiment IS NULL OR experiment_id = $experiment
ORDER BY experiment_id, looked_at, look;
