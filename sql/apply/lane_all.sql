-- Back to all time.
UPDATE lane SET first = '-infinity', last = 'infinity'
