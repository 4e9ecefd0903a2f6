-- One range of the log whose loss was accepted. The warehouse may know it already.
INSERT INTO ingest_gap VALUES ($partition, $first, $next, make_timestamp($accepted_at::BIGINT), $reason) ON CONFLICT DO NOTHING
