-- What a segment holds: the offset after its last record (null when empty), and the bytes of its frames.
SELECT max(first_offset + records) AS next_offset, coalesce(sum(bytes), 0) AS bytes
FROM frame
