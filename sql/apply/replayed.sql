-- A record is tried again: what was set aside of it goes; what is still bad is set aside anew. $1 partition, $2 offset.
DELETE FROM quarantine WHERE log_partition = $1 AND log_offset = $2
