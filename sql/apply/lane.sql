-- Moves on to a lane.
INSERT INTO lane VALUES (make_timestamp($first::BIGINT), make_timestamp($last::BIGINT))
