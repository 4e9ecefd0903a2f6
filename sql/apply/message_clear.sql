-- Empties the scratch tables that most batches leave empty. At the end of the transaction that filled them, so that their rows never leave it: deleted later, they
-- would stay in memory (docs/duckdb-notes).
DELETE FROM batch_link; DELETE FROM unplaced; DELETE FROM found; DELETE FROM placed; DELETE FROM adopted;
