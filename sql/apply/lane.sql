-- Moves on to a lane.
UPDATE lane SET first = make_timestamp($first::BIGINT), last = make_timestamp($last::BIGINT)
