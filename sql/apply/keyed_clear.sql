DELETE FROM new_{{stage}};
