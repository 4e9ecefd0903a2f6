/*
name: money_15m
kind: incremental
layer: mart
key: [bucket_at, campaign_id]
touched: touched_message
changes: message
time_column: bucket_at
grain: one quarter hour x campaign x variant x template x language x category x number x account x segment x market
description: >
  What messages cost and brought in, by the quarter hour in which they began. Amounts are in the reporting currency. What is not known is not in a sum but counted
  beside it, and parts named priced_ leave out messages whose cost is not known, so that a ratio compares like with like.
columns:
  bucket_at: {description: start of the quarter hour, unit: UTC}
  campaign_id: campaign
  variant_id: arm or variant
  template_name: template
  template_language: language of the template
  category: "marketing, utility, authentication or service, as requested"
  phone_number_id: sending number
  waba_id: WhatsApp business account
  segment_id: segment at send time
  market: the platform's market of the recipient
  delivered: {description: any proof of delivery, unit: messages}
  charged: {description: cost something, unit: messages}
  free: {description: cost nothing, unit: messages}
  unpriced: {description: "cost is not known", unit: messages}
  priced: {description: cost is known, unit: messages}
  priced_read: {description: "of those, read", unit: messages}
  priced_replied: {description: "of those, with a counted reply within the window", unit: messages}
  priced_clicked: {description: "of those, with a click", unit: messages}
  priced_converted: {description: "of those, with an attributed order or goal", unit: messages}
  cost_micros: {description: what they cost, unit: micro-units of the reporting currency}
  orders: {description: "attributed orders and goals, each counted once", unit: orders}
  orders_unvalued: {description: "of those, without an amount that is known in the reporting currency", unit: orders}
  orders_first: {description: orders and goals by first touch, unit: orders}
  orders_first_unvalued: {description: "of those, without an amount that is known", unit: orders}
  orders_click: {description: orders and goals by last click, unit: orders}
  orders_click_unvalued: {description: "of those, without an amount that is known", unit: orders}
  orders_reply: {description: orders and goals by last reply, unit: orders}
  orders_reply_unvalued: {description: "of those, without an amount that is known", unit: orders}
  revenue_micros: {description: "of attributed orders and goals after refunds, last touch", unit: micro-units of the reporting currency}
  revenue_first_micros: {description: by first touch, unit: micro-units of the reporting currency}
  revenue_click_micros: {description: by last click, unit: micro-units of the reporting currency}
  revenue_reply_micros: {description: by last reply, unit: micro-units of the reporting currency}
  priced_revenue_micros: {description: last touch; messages whose cost is known, unit: micro-units of the reporting currency}
  contribution_micros: {description: "revenue x margin, last touch; campaigns whose margin and messages whose cost are known", unit: micro-units of the reporting currency}
  margin_cost_micros: {description: cost of the messages of campaigns whose margin is known, unit: micro-units of the reporting currency}
  last_event_at: {description: newest state of these messages, unit: UTC}
*/

-- variable: cost_hour
-- A full build is checked in one hour of the day, another every day; a lane is not: pricing its messages twice costs as much as the lane.
SELECT CASE WHEN getvariable('full_build') THEN epoch(getvariable('as_of'))::BIGINT // 86400 % 24 ELSE -1 END

-- variable: cost_source
SELECT CASE WHEN getvariable('full_build') THEN 'message_cost' ELSE 'no_cost' END

-- temp: no_cost
SELECT TIMESTAMP 'epoch' AS message_at, NULL::VARCHAR AS campaign_id, 0::BIGINT AS cost_micros WHERE false

-- query
WITH credited AS (
  SELECT
    message_key,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'exposure' AND counts) AS orders,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'exposure' AND unvalued) AS orders_unvalued,
    sum(revenue_micros) FILTER (WHERE rule = 'last' AND basis = 'exposure') AS revenue_micros,
    count(*) FILTER (WHERE rule = 'first' AND basis = 'exposure' AND counts) AS orders_first,
    count(*) FILTER (WHERE rule = 'first' AND basis = 'exposure' AND unvalued) AS orders_first_unvalued,
    sum(revenue_micros) FILTER (WHERE rule = 'first' AND basis = 'exposure') AS revenue_first_micros,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'click' AND counts) AS orders_click,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'click' AND unvalued) AS orders_click_unvalued,
    sum(revenue_micros) FILTER (WHERE rule = 'last' AND basis = 'click') AS revenue_click_micros,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'reply' AND counts) AS orders_reply,
    count(*) FILTER (WHERE rule = 'last' AND basis = 'reply' AND unvalued) AS orders_reply_unvalued,
    sum(revenue_micros) FILTER (WHERE rule = 'last' AND basis = 'reply') AS revenue_reply_micros
  FROM (
    SELECT c.message_key, c.rule, c.basis, r.revenue_micros, r.state <> 'told_before' AS counts,
      -- A goal without an amount is not expected to have one.
      r.revenue_micros IS NULL AND (c.kind = 'order' OR r.state <> 'no_amount') AS unvalued
    FROM touch_credit AS c
    JOIN order_revenue AS r ON r.event_id = c.event_id AND r.kind = c.kind
    WHERE c.message_at >= getvariable('from_at') AND c.message_at < getvariable('to_at') AND c.kind IN ('order', 'goal')
  )
  GROUP BY message_key
),
message AS (
  SELECT
    m.*,
    quarter_hour(m.message_at) AS bucket_at,
    CASE WHEN m.country IS NOT NULL THEN coalesce(k.market, 'Other') END AS home_market,
    o.replied_at IS NOT NULL OR coalesce(m.replied_at <= m.charged_at + to_hours(coalesce(w.reply_window_h, 24)), false) AS has_reply,
    w.margin,
    c.* EXCLUDE (message_key)
  FROM (FROM message_cost WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')) AS m
  LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id
  LEFT JOIN country_market AS k ON k.country = m.country AND m.message_at >= k.valid_from AND m.message_at < k.valid_to
  LEFT JOIN (FROM message_outcome WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at') AND replied_at IS NOT NULL) AS o
    ON o.message_key = m.message_key
  LEFT JOIN credited AS c ON c.message_key = m.message_key
)
SELECT
  bucket_at,
  campaign_id,
  variant_id,
  template_name,
  template_language,
  category,
  phone_number_id,
  waba_id,
  segment_id,
  home_market AS market,
  count(*) AS delivered,
  count(*) FILTER (WHERE cost_micros > 0) AS charged,
  count(*) FILTER (WHERE cost_micros = 0) AS free,
  count(*) FILTER (WHERE cost_micros IS NULL) AS unpriced,
  count(cost_micros) AS priced,
  count(*) FILTER (WHERE cost_micros IS NOT NULL AND read_at IS NOT NULL) AS priced_read,
  count(*) FILTER (WHERE cost_micros IS NOT NULL AND has_reply) AS priced_replied,
  count(*) FILTER (WHERE cost_micros IS NOT NULL AND clicked_at IS NOT NULL) AS priced_clicked,
  count(*) FILTER (WHERE cost_micros IS NOT NULL AND orders > 0) AS priced_converted,
  coalesce(sum(cost_micros), 0)::BIGINT AS cost_micros,
  coalesce(sum(orders), 0)::BIGINT AS orders,
  coalesce(sum(orders_unvalued), 0)::BIGINT AS orders_unvalued,
  coalesce(sum(orders_first), 0)::BIGINT AS orders_first,
  coalesce(sum(orders_first_unvalued), 0)::BIGINT AS orders_first_unvalued,
  coalesce(sum(orders_click), 0)::BIGINT AS orders_click,
  coalesce(sum(orders_click_unvalued), 0)::BIGINT AS orders_click_unvalued,
  coalesce(sum(orders_reply), 0)::BIGINT AS orders_reply,
  coalesce(sum(orders_reply_unvalued), 0)::BIGINT AS orders_reply_unvalued,
  coalesce(sum(revenue_micros), 0)::BIGINT AS revenue_micros,
  coalesce(sum(revenue_first_micros), 0)::BIGINT AS revenue_first_micros,
  coalesce(sum(revenue_click_micros), 0)::BIGINT AS revenue_click_micros,
  coalesce(sum(revenue_reply_micros), 0)::BIGINT AS revenue_reply_micros,
  coalesce(sum(revenue_micros) FILTER (WHERE cost_micros IS NOT NULL), 0)::BIGINT AS priced_revenue_micros,
  coalesce(sum(round(revenue_micros::BIGINT * margin, 0)) FILTER (WHERE cost_micros IS NOT NULL), 0)::BIGINT AS contribution_micros,
  coalesce(sum(cost_micros) FILTER (WHERE margin IS NOT NULL), 0)::BIGINT AS margin_cost_micros,
  max(last_event_at) AS last_event_at
FROM message
GROUP BY
  bucket_at, campaign_id, variant_id, template_name, template_language, category, phone_number_id, waba_id, segment_id, home_market

-- audit: every delivered message of the facts is here once
SELECT bucket_at, campaign_id, sum(in_facts) AS in_facts, sum(in_mart) AS in_mart
FROM (
  SELECT quarter_hour(message_at) AS bucket_at, campaign_id, count(*) AS in_facts, 0 AS in_mart, 0 AS touched, 0 AS pending
  FROM fact_message
  WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at') AND delivered_at IS NOT NULL
  GROUP BY quarter_hour(message_at), campaign_id
  UNION ALL
  SELECT bucket_at, campaign_id, 0, delivered, 0, 0 FROM money_15m
  WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 1, 0 FROM touched_message
  UNION ALL
  -- Facts that came while this was built: the next build has them.
  SELECT bucket_at, campaign_id, 0, 0, 0, 1 FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message)
)
GROUP BY bucket_at, campaign_id
HAVING sum(in_facts) <> sum(in_mart) AND sum(pending) = 0 AND (getvariable('full_build') OR sum(touched) > 0)

-- audit: cost is that of the charged messages
SELECT bucket_at, campaign_id, sum(charged) AS charged, sum(in_mart) AS in_mart
FROM (
  SELECT quarter_hour(message_at) AS bucket_at, campaign_id, cost_micros AS charged, 0 AS in_mart, 0 AS pending
  FROM query_table(getvariable('cost_source'))
  WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')
    AND hour(message_at) = getvariable('cost_hour')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, cost_micros, 0 FROM money_15m
  WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
    AND hour(bucket_at) = getvariable('cost_hour')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 1 FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message)
)
GROUP BY bucket_at, campaign_id
HAVING coalesce(sum(charged), 0) <> sum(in_mart) AND sum(pending) = 0

-- audit: revenue is that of the credited orders
SELECT bucket_at, campaign_id, sum(credited) AS credited, sum(in_mart) AS in_mart
FROM (
  SELECT quarter_hour(c.message_at) AS bucket_at, c.campaign_id, sum(r.revenue_micros) AS credited, 0 AS in_mart, 0 AS touched, 0 AS pending
  FROM touch_credit AS c JOIN order_revenue AS r ON r.event_id = c.event_id AND r.kind = c.kind
  WHERE c.message_at >= getvariable('from_at') AND c.message_at < getvariable('to_at') AND c.rule = 'last' AND c.basis = 'exposure'
  GROUP BY quarter_hour(c.message_at), c.campaign_id
  UNION ALL
  SELECT bucket_at, campaign_id, 0, revenue_micros, 0, 0 FROM money_15m
  WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 1, 0 FROM touched_message
  UNION ALL
  SELECT bucket_at, campaign_id, 0, 0, 0, 1 FROM changed_message WHERE seq NOT IN (SELECT seq FROM claimed_message)
)
GROUP BY bucket_at, campaign_id
HAVING coalesce(sum(credited), 0) <> sum(in_mart) AND sum(pending) = 0 AND (getvariable('full_build') OR sum(touched) > 0)

-- audit: parts do not pass their whole
SELECT * FROM money_15m
WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')
  AND (charged + free <> priced OR priced + unpriced <> delivered OR priced_read > priced OR priced_replied > priced OR priced_clicked > priced
       OR priced_converted > priced OR cost_micros < 0 OR margin_cost_micros > cost_micros OR priced_revenue_micros > revenue_micros
       OR orders_unvalued > orders OR orders_first_unvalued > orders_first OR orders_click_unvalued > orders_click
       OR orders_reply_unvalued > orders_reply)
LIMIT 10
