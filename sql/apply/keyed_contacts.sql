
-- The people whose models these rows change.
INSERT INTO changed_contact (alias_id)
SELECT DISTINCT alias_id FROM (SELECT unnest([{{contacts}}]) AS alias_id FROM keyed_new) WHERE alias_id IS NOT NULL;
