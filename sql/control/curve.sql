-- How feedback arrives after a message went out: per signal and category the share of what comes within 72 hours that is there by
-- each mark. From the messages of 30 days that are older than 72 hours; curves of fewer than 200 events are no curves.
-- `category` is NULL for the curve over all categories.
WITH message AS (
  SELECT m.kind AS category, m.error_class, m.error_code, w.code AS word_code, m.message_key,
    date_diff('millisecond', m.out_at, m.sent_at) AS sent_age,
    date_diff('millisecond', m.out_at, m.delivered_at) AS delivered_age,
    date_diff('millisecond', m.out_at, m.read_at) AS read_age,
    date_diff('millisecond', m.out_at, m.failed_at) AS failed_age,
    date_diff('millisecond', m.out_at, o.occurred_at) AS opt_out_age
  FROM message_state AS m
  LEFT JOIN error_word AS w ON w.code = m.error_code
  LEFT JOIN (SELECT message_key, min(occurred_at) AS occurred_at FROM event_credit
             WHERE kind = 'optout' AND message_at >= getvariable('curve_from') AND message_at < getvariable('curve_to')
             GROUP BY message_key) AS o
    ON o.message_key = m.message_key
  WHERE m.message_at >= getvariable('curve_from') AND m.message_at < getvariable('curve_to') AND m.out_at IS NOT NULL
),
counted AS (
  SELECT category,
    histogram(greatest(sent_age, 0), getvariable('curve_marks')) FILTER (sent_age IS NOT NULL) AS sent,
    histogram(greatest(delivered_age, 0), getvariable('curve_marks')) FILTER (delivered_age IS NOT NULL) AS delivered,
    histogram(greatest(read_age, 0), getvariable('curve_marks')) FILTER (read_age IS NOT NULL) AS read,
    histogram(greatest(failed_age, 0), getvariable('curve_marks')) FILTER (failed_age IS NOT NULL) AS failed,
    histogram(greatest(failed_age, 0), getvariable('curve_marks'))
      FILTER (word_code IS NULL AND error_class = 'recipient') AS undeliverable,
    histogram(greatest(failed_age, 0), getvariable('curve_marks')) FILTER (error_code = 131049) AS marketing_limit,
    histogram(greatest(failed_age, 0), getvariable('curve_marks'))
      FILTER (word_code IS NULL AND error_class = 'platform_block' AND error_code <> 131049) AS platform_block,
    histogram(greatest(failed_age, 0), getvariable('curve_marks'))
      FILTER (word_code IS NULL AND error_class IN ('content', 'request', 'template', 'sender', 'account', 'unknown')) AS other_failure,
    histogram(greatest(opt_out_age, 0), getvariable('curve_marks')) FILTER (opt_out_age IS NOT NULL) AS opt_out
  FROM message
  GROUP BY category
),
parted AS (
  SELECT category, unnest([
    {signal: 'any', counts: sent}, {signal: 'any', counts: delivered}, {signal: 'any', counts: read}, {signal: 'any', counts: failed},
    {signal: 'undeliverable', counts: undeliverable}, {signal: 'marketing_limit', counts: marketing_limit},
    {signal: 'platform_block', counts: platform_block},
    {signal: 'other_failure', counts: other_failure}, {signal: 'opt_out', counts: opt_out}
  ], recursive := true)
  FROM counted
),
marked AS (
  SELECT signal, category, mark, events
  FROM (SELECT signal, category, unnest(map_keys(counts)) AS mark, unnest(map_values(counts)) AS events FROM parted)
  -- Without what comes later than the last mark.
  WHERE list_contains(getvariable('curve_marks'), mark)
),
summed AS (
  SELECT signal, category, false AS pooled, mark, sum(events)::BIGINT AS events
  FROM marked
  WHERE category IS NOT NULL
  GROUP BY signal, category, mark
  UNION ALL
  SELECT signal, NULL, true, mark, sum(events)::BIGINT FROM marked GROUP BY signal, mark
)
SELECT signal, category, sum(events)::BIGINT AS events, list(events ORDER BY mark) AS counts
FROM summed
GROUP BY signal, category, pooled
HAVING sum(events) >= 200 AND count(*) = len(getvariable('curve_marks'))
ORDER BY signal, category;
