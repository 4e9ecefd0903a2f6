-- The newest decision of each scope.
SELECT document::VARCHAR AS document
FROM fact_control_decision
QUALIFY row_number() OVER (PARTITION BY scope ORDER BY seq DESC, decision_id DESC) = 1
ORDER BY seq;
