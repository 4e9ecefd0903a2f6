-- What held single arms back, of their own accord or by the platform or an operator: of each arm and day the first decision that did.
-- A decision that only watches (shadow) holds nobody back. $since, $at: from when and until when.
WITH held AS (
  SELECT scope, rule, decided_at, seq, document
  FROM fact_control_decision
  WHERE rule IN ('alarm', 'operator_stop', 'platform_stop') AND starts_with(scope, 'variant:') AND policy_mode = 'enforce'
    AND decided_at >= $since AND decided_at <= $at
)
SELECT scope, min(decided_at) AS decided_at,
  arg_min(json_object('at', document->'$.at', 'policy_mode', document->'$.policy_mode', 'reason', document->'$.reason', 'until', document->'$.until'), seq)::VARCHAR AS said
FROM held
GROUP BY scope, date_trunc('day', decided_at)
ORDER BY scope, min(decided_at);
