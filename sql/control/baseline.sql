-- What is usual for each stream that began in an hour of the day (UTC): of the messages that had the chance (for delivery those without
-- failure, for the rest those delivered), how many had the event by each mark after they went out. From the messages of 30 days that are
-- older than 72 hours. Of fewer than 30 events nothing is usual.
WITH message AS (
  SELECT m.campaign_id, m.template_name, m.segment_id, hour(m.out_at) AS hour, m.failed_at, m.delivered_at,
    date_diff('millisecond', m.out_at, m.delivered_at) AS delivered_age,
    date_diff('millisecond', m.out_at, m.read_at) AS read_age,
    date_diff('millisecond', m.out_at, least(m.replied_at, r.occurred_at)) AS replied_age,
    date_diff('millisecond', m.out_at, m.clicked_at) AS clicked_age
  FROM message_state AS m
  LEFT JOIN (SELECT message_key, min(occurred_at) AS occurred_at FROM event_credit
             WHERE kind = 'reply' AND message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to')
             GROUP BY message_key) AS r
    ON r.message_key = m.message_key
  WHERE m.message_at >= getvariable('curve_from') AND m.message_at < getvariable('curve_to') AND m.out_at IS NOT NULL
    AND m.campaign_id IS NOT NULL
),
counted AS (
  SELECT campaign_id, template_name, segment_id, hour,
    count(*) FILTER (failed_at IS NULL) AS whole, count(delivered_at) AS reached,
    histogram(greatest(delivered_age, 0), getvariable('curve_marks')) FILTER (delivered_age IS NOT NULL) AS delivered,
    histogram(greatest(read_age, 0), getvariable('curve_marks')) FILTER (read_age IS NOT NULL) AS read,
    histogram(greatest(replied_age, 0), getvariable('curve_marks')) FILTER (replied_age IS NOT NULL) AS replied,
    histogram(greatest(clicked_age, 0), getvariable('curve_marks')) FILTER (clicked_age IS NOT NULL) AS clicked
  FROM message
  GROUP BY campaign_id, template_name, segment_id, hour
),
parted AS (
  SELECT campaign_id, template_name, segment_id, hour, unnest([
    {signal: 'delivery', messages: whole, counts: delivered}, {signal: 'read', messages: reached, counts: read},
    {signal: 'reply', messages: reached, counts: replied}, {signal: 'click', messages: reached, counts: clicked}
  ], recursive := true)
  FROM counted
),
marked AS (
  SELECT campaign_id, template_name, segment_id, hour, signal, messages, mark, events
  FROM (SELECT campaign_id, template_name, segment_id, hour, signal, messages, unnest(map_keys(counts)) AS mark,
          unnest(map_values(counts)) AS events
        FROM parted)
  WHERE list_contains(getvariable('curve_marks'), mark)
)
SELECT campaign_id, template_name, segment_id, signal, hour, messages, list(events ORDER BY mark) AS counts
FROM marked
GROUP BY campaign_id, template_name, segment_id, signal, hour, messages
HAVING sum(events) >= 30 AND count(*) = len(getvariable('curve_marks'))
ORDER BY campaign_id, template_name, segment_id, signal, hour;
