-- The trail, newest first. $scopes: of these, parted by the unit separator, or NULL. $changes: only decisions that changed
-- what is allowed. $before: only those with a smaller number, or NULL. $limit rows at the most.
WITH step AS (
  SELECT decision_id, seq,
    (window_limit, per_second, policy_mode)
      IS DISTINCT FROM lag((window_limit, per_second, policy_mode)) OVER (PARTITION BY scope ORDER BY seq) AS changed
  FROM fact_control_decision
  WHERE $scopes::VARCHAR IS NULL OR list_contains(string_split($scopes::VARCHAR, chr(31)), scope)
),
chosen AS (
  SELECT decision_id FROM step
  WHERE (changed OR NOT $changes) AND ($before IS NULL OR seq < $before)
  ORDER BY seq DESC, decision_id DESC
  LIMIT $limit
)
SELECT document::VARCHAR AS document FROM fact_control_decision SEMI JOIN chosen USING (decision_id) ORDER BY seq DESC, decision_id DESC;
