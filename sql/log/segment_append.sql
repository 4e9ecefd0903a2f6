-- Appends one frame: first offset, records, bytes, data.
INSERT INTO frame VALUES ($1, $2, $3, $4)
