-- The ranges of time that a batch touches: instants closer than `lane_gap` share a lane. Recent rows and the late tail thus take
-- separate lanes, and each is looked up with literal bounds of its own.
SELECT min(instant) AS lane_from, max(instant) AS lane_to
FROM (SELECT instant, sum(opens) OVER (ORDER BY instant) AS lane
      FROM (SELECT instant, CASE WHEN instant - lag(instant) OVER (ORDER BY instant) <= getvariable('lane_gap') THEN 0 ELSE 1 END AS opens
            FROM lane_instant))
GROUP BY lane
ORDER BY lane_from;
