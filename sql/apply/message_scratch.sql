-- Temporary tables that the steps hand on to each other; most batches leave them empty.

-- Which send a platform id belongs to, as far as this batch tells.
CREATE OR REPLACE TEMP TABLE batch_link (message_id VARCHAR, send_id VARCHAR);
-- Evidence whose message lies at an unknown time: no send id, or one that is not ordered by time.
CREATE OR REPLACE TEMP TABLE unplaced (message_id VARCHAR, send_id VARCHAR, participant_alias VARCHAR);
-- The rows it speaks of.
CREATE OR REPLACE TEMP TABLE found (
  message_key VARCHAR, message_id VARCHAR, participant_alias VARCHAR, origin_known BOOLEAN, opened_at TIMESTAMP, base_key VARCHAR
);
-- What follows for evidence without a send id: the send it belongs to, or the key of a message known without one.
CREATE OR REPLACE TEMP TABLE placed (message_id VARCHAR, send_id VARCHAR, base_key VARCHAR);
-- Messages known only by the platform's id, for which a send has come.
CREATE OR REPLACE TEMP TABLE adopted AS
SELECT m.*, ''::VARCHAR AS send_id, failure_text(failed_at, error_code, refused, error_title) AS failure,
  price_text(priced_at, pricing_model, pricing_type, pricing_category, billable) AS price
FROM fact_message AS m LIMIT 0;
-- The range of time that the merge is at, one row: all time, unless a batch has several lanes.
CREATE OR REPLACE TEMP TABLE lane AS SELECT '-infinity'::TIMESTAMP AS first, 'infinity'::TIMESTAMP AS last;
