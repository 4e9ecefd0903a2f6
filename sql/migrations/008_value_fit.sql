-- The newest fit of each customer-value model in each currency, with the mark of the data that it was made of. Derived: after a rebuild it is
-- made anew when it is asked for.
CREATE TABLE value_fit (
  currency        VARCHAR   NOT NULL,
  model           VARCHAR   NOT NULL, -- bgnbd | mbgnbd
  calibration_end DATE      NOT NULL, -- the last day that it knows
  data_mark       VARCHAR   NOT NULL, -- orders, customers and revenue up to that day
  fitted_at       TIMESTAMP NOT NULL,
  fit             JSON      NOT NULL  -- parameters, errors, back-test
);
