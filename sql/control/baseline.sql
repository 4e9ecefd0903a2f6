-- What is usual for each stream that began in an hour of the day (UTC): of the messages that had the chance (for delivery those without
-- failure, for the rest those delivered), how many had the event by each mark after they went out. From the messages of 30 days that are
-- older than 72 hours. Of fewer than 30 events nothing is usual. curve_mark(age): the first mark not before that age. Neither
-- histogram(), which keeps its bins for every group of every thread, nor list(… ORDER BY …), which buffers the rows of each: together
-- they took a gigabyte for twenty thousand groups, and cannot spill.
WITH message AS (
  SELECT m.campaign_id, m.template_name, m.segment_id, hour(m.out_at) AS hour,
    curve_mark(date_diff('millisecond', m.out_at, m.delivered_at)) AS delivered,
    curve_mark(date_diff('millisecond', m.out_at, m.read_at)) AS read,
    curve_mark(date_diff('millisecond', m.out_at, least(m.replied_at, r.occurred_at))) AS replied,
    curve_mark(date_diff('millisecond', m.out_at, m.clicked_at)) AS clicked,
    m.failed_at IS NULL AS whole, m.delivered_at IS NOT NULL AS reached
  FROM message_state AS m
  LEFT JOIN (SELECT message_key, min(occurred_at) AS occurred_at FROM event_credit
             WHERE kind = 'reply' AND message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to')
             GROUP BY message_key) AS r
    ON r.message_key = m.message_key
  WHERE m.message_at >= getvariable('curve_from') AND m.message_at < getvariable('curve_to') AND m.out_at IS NOT NULL
    AND m.campaign_id IS NOT NULL
),
alike AS (
  SELECT campaign_id, template_name, segment_id, hour, delivered, read, replied, clicked, whole, reached, count(*) AS messages
  FROM message
  GROUP BY campaign_id, template_name, segment_id, hour, delivered, read, replied, clicked, whole, reached
),
parted AS (
  SELECT campaign_id, template_name, segment_id, hour, messages, unnest([
    {signal: 'delivery', had: whole, mark: delivered}, {signal: 'read', had: reached, mark: read},
    {signal: 'reply', had: reached, mark: replied}, {signal: 'click', had: reached, mark: clicked}
  ], recursive := true)
  FROM alike
),
counted AS (
  SELECT campaign_id, template_name, segment_id, hour, signal, mark, sum(messages) FILTER (had) AS had, sum(messages) AS events
  FROM parted
  GROUP BY campaign_id, template_name, segment_id, hour, signal, mark
),
usual AS (
  SELECT campaign_id, template_name, segment_id, hour, signal, sum(had)::BIGINT AS messages,
    map(list(mark) FILTER (mark IS NOT NULL), list(events) FILTER (mark IS NOT NULL)) AS events
  FROM counted
  GROUP BY campaign_id, template_name, segment_id, hour, signal
  HAVING sum(events) FILTER (mark IS NOT NULL) >= 30
)
SELECT campaign_id, template_name, segment_id, signal, hour, messages,
  list_transform(getvariable('curve_marks'), lambda mark: coalesce(map_extract_value(events, mark), 0)) AS counts
FROM usual
ORDER BY campaign_id, template_name, segment_id, signal, hour;
