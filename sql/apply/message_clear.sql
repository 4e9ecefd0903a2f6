-- Empties the scratch tables of the batch before.
DELETE FROM batch_link; DELETE FROM unplaced; DELETE FROM found; DELETE FROM placed; DELETE FROM adopted;
