-- One row when the batch needs more than its own send ids: evidence they do not place, or messages that wait for their send.
SELECT 1 WHERE EXISTS (FROM patch WHERE send_id_time(send_id) IS NULL) OR EXISTS (FROM unlinked_message);
