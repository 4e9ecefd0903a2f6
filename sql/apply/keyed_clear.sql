-- Empties the scratch tables of {{table}}, in the transaction that filled them.
DELETE FROM old_{{stage}};

DELETE FROM new_{{stage}};
