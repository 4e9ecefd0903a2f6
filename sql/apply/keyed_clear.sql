-- Empties the scratch table of {{table}}, in the transaction that filled it.
DELETE FROM new_{{stage}};
