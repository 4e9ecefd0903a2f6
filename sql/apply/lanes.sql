-- The hours that instants of {{table}} fall into: the first and the last instant of each.
SELECT epoch_us(min({{instant}})) AS first, epoch_us(max({{instant}})) AS last
FROM {{table}}
GROUP BY epoch_us({{instant}}) // 3600000000
ORDER BY first;
