-- From when on the people assigned to an experiment in one hour count: the last of them has been sent to, and had the whole window.
-- longest_delay_h: hours from the assignment to the latest arm's send; age_h: hours that an outcome counts.
CREATE MACRO matures_at(assigned_hour, longest_delay_h, age_h) AS assigned_hour + to_hours(1 + longest_delay_h + age_h);
