-- Customers who wait for an answer for $minutes or longer at $at, those who spent most first, then the longest waiting. Who waits for
-- more than 72 hours is not waited upon any more (inbound_answer). One row more than $limit tells that there are more.
WITH waiting AS (
  SELECT contact, phone_number_id, waba_id, occurred_at, begins_turn
  FROM inbound_answer
  WHERE answered_at IS NULL AND occurred_at <= $at::TIMESTAMP
),
turn AS (
  SELECT contact, phone_number_id, max(occurred_at) FILTER (WHERE begins_turn) AS since_at, max(occurred_at) AS last_at
  FROM waiting
  GROUP BY contact, phone_number_id
  HAVING max(occurred_at) > $at::TIMESTAMP - to_hours(72)
),
late AS (
  SELECT t.contact, t.phone_number_id, any_value(w.waba_id) AS waba_id, t.since_at, t.last_at, count(*) AS messages
  FROM turn AS t
  JOIN waiting AS w ON w.contact = t.contact AND w.phone_number_id IS NOT DISTINCT FROM t.phone_number_id AND w.occurred_at >= t.since_at
  WHERE t.since_at <= $at::TIMESTAMP - to_minutes($minutes::BIGINT)
  GROUP BY t.contact, t.phone_number_id, t.since_at, t.last_at
),
-- Of very many only those who are shown are looked up.
shown AS (
  SELECT l.*, coalesce(c.value_band, 'none') AS value_band, c.currency, c.kept_micros, coalesce(c.orders, 0) AS orders, c.value_rank
  FROM late AS l
  LEFT JOIN customer AS c ON c.customer = l.contact
  ORDER BY c.value_rank NULLS LAST, l.since_at, l.contact
  LIMIT $limit::BIGINT + 1
),
number AS (
  SELECT p.contact, arg_max(a.value, (p.valid_from, a.alias_id)) AS phone
  FROM (FROM contact_period SEMI JOIN shown USING (contact)) AS p
  JOIN contact_alias AS a ON a.alias_id = p.alias_id AND a.kind = 'phone'
  WHERE $at::TIMESTAMP >= p.valid_from AND $at::TIMESTAMP < p.valid_to
  GROUP BY p.contact
)
SELECT
  CASE WHEN own.kind = 'contact' THEN own.value END AS contact_id,
  right(CASE WHEN own.kind = 'phone' THEN own.value ELSE n.phone END, 4) AS phone_ending,
  s.phone_number_id, s.waba_id, s.since_at, s.last_at, s.messages, s.value_band, s.currency, s.kept_micros, s.orders
FROM shown AS s
LEFT JOIN contact_alias AS own ON own.alias_id = s.contact
LEFT JOIN number AS n ON n.contact = s.contact
ORDER BY s.value_rank NULLS LAST, s.since_at, s.contact;
