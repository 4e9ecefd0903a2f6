-- Who of a list is in an experiment already. $experiment: its id; $contacts: their aliases.
SELECT contact_alias, arg_min(arm_id, (assigned_at, event_id)) AS arm_id, min(assigned_at) AS assigned_at
FROM fact_assignment
WHERE experiment_id = $experiment AND contact_alias IN (SELECT unnest(from_json($contacts, '["VARCHAR"]')))
GROUP BY contact_alias;
