-- How often rows of each fact were told, and how often that was a copy. `counts` is a list of {fact, told, added}.
INSERT INTO fact_count
SELECT fact, told, told - added
FROM (SELECT unnest(from_json($counts::VARCHAR, '[{"fact": "VARCHAR", "told": "BIGINT", "added": "BIGINT"}]'), recursive := true))
ON CONFLICT (fact) DO UPDATE SET told = fact_count.told + excluded.told, copies = fact_count.copies + excluded.copies
