-- Since when each number is sent from under permits.
CREATE OR REPLACE TABLE control_old.first_permit AS
SELECT phone_number_id, min(granted_at) AS granted_at FROM fact_permit WHERE phone_number_id IS NOT NULL GROUP BY phone_number_id;
