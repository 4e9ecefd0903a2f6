-- The frames from the one that holds offset `read_from` on, below offset `read_to`, without their bytes. A few are enough for one read.
SELECT first_offset, bytes
FROM frame
WHERE first_offset + records > getvariable('read_from') AND first_offset < getvariable('read_to')
ORDER BY first_offset
LIMIT 4096
