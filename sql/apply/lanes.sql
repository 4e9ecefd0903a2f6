-- The ranges of time that a batch touches: instants closer than `lane_gap` (an hour or more) share a lane. Recent rows and the late
-- tail thus take separate lanes, and each is looked up with literal bounds of its own. Instants of one hour always share one.
SELECT min(first) AS lane_from, max(last) AS lane_to
FROM (SELECT first, last, sum(opens) OVER (ORDER BY first) AS lane
      FROM (SELECT first, last, CASE WHEN first - lag(last) OVER (ORDER BY first) <= getvariable('lane_gap') THEN 0 ELSE 1 END AS opens
            FROM (SELECT min(instant) AS first, max(instant) AS last FROM lane_instant
                  GROUP BY epoch_us(instant) // 3600000000)))
GROUP BY lane
ORDER BY lane_from;
