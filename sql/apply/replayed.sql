-- A record is tried again: what was set aside of it goes; what is still bad is set aside anew.
DELETE FROM quarantine WHERE log_partition = $partition AND log_offset = $record_offset
