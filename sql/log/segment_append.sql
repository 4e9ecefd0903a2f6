-- Appends one frame.
INSERT INTO frame VALUES ($first_offset, $records, $bytes, $data)
