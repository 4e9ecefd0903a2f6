-- Overrides in force, oldest first.
SELECT override_id, scope, action, window_limit, per_second, reason, actor, epoch_ms(given_at) AS given_at, epoch_ms(until_at) AS until_at
FROM fact_control_override ANTI JOIN fact_control_lift USING (override_id)
WHERE until_at IS NULL OR until_at > getvariable('control_at')
ORDER BY fact_control_override.given_at, override_id;
