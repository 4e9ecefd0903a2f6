-- unplaced: evidence whose message lies at an unknown time: no send id, or one that is not ordered by time.
UPDATE patch SET send_id = r.send_id FROM resent_message AS r WHERE patch.send_id IS NULL AND patch.message_id = r.message_id;

CREATE OR REPLACE TEMP TABLE unplaced AS
SELECT DISTINCT message_id, send_id FROM patch WHERE send_id_time(send_id) IS NULL;

CREATE OR REPLACE TEMP TABLE found (message_key VARCHAR, message_id VARCHAR, origin_known BOOLEAN, opened_at TIMESTAMP, base_key VARCHAR);
