-- People of one large experiment (30 days, two arms, eight markets, five segments) and of many small ones, where experiment_person has them.
INSERT INTO experiment_definition
SELECT CASE i WHEN 0 THEN 'large' ELSE 'e' || i END, 'campaign ' || i, 'Experiment ' || i, 'content', 's', CASE WHEN i % 10 = 1 THEN 'revenue' ELSE 'click' END,
  NULL, 24, 0, 'EUR', '[{"id":"a","weight":1,"holdout":false},{"id":"b","weight":1,"holdout":false}]'::JSON,
  CASE WHEN i % 2 = 0 THEN ('{"metric":"click","age_hours":24,"mde":{"relative":0.05},"horizon":' || (CASE i WHEN 0 THEN $people ELSE 1900 + i END)
    || ',"looks":5,"alpha":0.05,"guardrails":[{"metric":"unsubscribe","limit":0.02}]}')::JSON END, 'h' || i, true, TIMESTAMP '2026-10-01'
FROM range($experiments + 1) AS r(i);

INSERT INTO dim_experiment
SELECT experiment_id, changed_at, 'c', name, campaign_id, dimension, salt, metric, goal, age_h, currency, arms, plan, design_hash, '{}'
FROM experiment_definition;

INSERT INTO experiment_person
WITH person AS (
  SELECT 'large' AS experiment_id, i, i * 2591999.0 / $people AS second FROM range($people) AS r(i)
  UNION ALL
  SELECT 'e' || (1 + i % $experiments), i, (i / $experiments) * 2591999.0 / 2000 FROM range($experiments * 2000) AS r(i)
),
drawn AS (SELECT *, hash(experiment_id, i) AS h FROM person)
SELECT
  experiment_id, 'c', date_trunc('hour', TIMESTAMP '2026-10-10' + to_seconds(second)), TIMESTAMP '2026-10-10' + to_seconds(second),
  CASE WHEN h % 2 = 0 THEN 'a' ELSE 'b' END, false, 'market ' || (h // 2) % 8, 'segment ' || (h // 16) % 5, 1,
  TIMESTAMP '2026-10-10' + to_seconds(second + 60), true, (h // 80) % 10 < 7, (h // 800) % 100 < 2,
  (h // 80000) % 1000 < CASE WHEN h % 2 = 0 THEN 80 ELSE 84 END, (h // 80000000) % 1000 < 15, (h // 80000000000) % 1000 < 3, false, false,
  CASE WHEN (h // 80000000) % 1000 < 15 THEN 10 + (h % 9000) / 100.0 ELSE 0 END, CASE WHEN h % 17 = 0 THEN 20 ELSE 0 END, 'EUR'
FROM drawn;
