-- The fit that is kept. $currency, $model.
SELECT calibration_end::VARCHAR AS calibration_end, data_mark, fitted_at, fit::VARCHAR AS fit
FROM value_fit
WHERE currency = $currency AND model = $model
ORDER BY fitted_at DESC
LIMIT 1;
