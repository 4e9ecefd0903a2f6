-- What the marts of maturity, people, service and platform share.

-- The category by which delays of feedback are learned: '' for none and for what is newer than this list.
CREATE MACRO feedback_category(category) AS
  CASE WHEN category IN ('marketing', 'utility', 'authentication', 'service') THEN category ELSE '' END;

-- How much of an eventual rate is seen when these shares of its numerator and of its denominator have come: their ratio, as numerator
-- and denominator so far are r·n·H and n·G. Both NULL: the messages are so old that all has come.
CREATE MACRO seen_share(numerator_share, denominator_share) AS
  CASE WHEN numerator_share IS NULL THEN 1 WHEN denominator_share > 0 THEN least(1, numerator_share / denominator_share) ELSE 0 END;
