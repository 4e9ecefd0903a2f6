-- What could not become facts, in the same transaction as the facts of its neighbours.
INSERT INTO quarantine SELECT * FROM stage_quarantine;
