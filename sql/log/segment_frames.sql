-- The frames whose first offset lies between `frame_from` and `frame_to`, both included. Variables rather than parameters: they are
-- literals to the planner, so that it reads the bytes of these frames only.
SELECT first_offset, records, data
FROM frame
WHERE first_offset BETWEEN getvariable('frame_from') AND getvariable('frame_to')
ORDER BY first_offset
