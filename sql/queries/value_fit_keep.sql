-- Keeps a fit; the one before it is deleted in the same transaction.
INSERT INTO value_fit (currency, model, calibration_end, data_mark, fitted_at, fit)
VALUES ($currency, $model, $calibration_end::DATE, $data_mark, $fitted_at::TIMESTAMP, $fit::JSON);
