-- How often rows of each fact were told, and how often that was a copy.
INSERT INTO fact_count
SELECT fact, told, told - added FROM stage_fact_count
ON CONFLICT (fact) DO UPDATE SET told = fact_count.told + excluded.told, copies = fact_count.copies + excluded.copies
