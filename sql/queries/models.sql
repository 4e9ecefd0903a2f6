-- The newest run of each model.
SELECT DISTINCT ON (model) model, outcome, finished_at, message
FROM model_run
ORDER BY model, started_at DESC;
