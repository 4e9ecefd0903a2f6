-- Makes room for a newer fit. $currency, $model.
DELETE FROM value_fit WHERE currency = $currency AND model = $model;
