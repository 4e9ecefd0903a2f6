-- Fills fact_message for the benchmarks: messages number getvariable('first') to getvariable('last') of getvariable('messages'), spread
-- evenly over the 30 days before getvariable('until'). The shape is that of real traffic: time-ordered send ids, 20 campaigns one
-- after the other, 95 % delivered, 40 % read, 1 % answered, 2 % clicked.
INSERT INTO fact_message (
  message_key, origin_known, opened_at, message_at, message_id, contact_alias, phone_alias, country, campaign_id, variant_id,
  template_name, template_language, category, segment_id, message_type, phone_number_id, waba_id,
  requested_at, accepted_at, sent_at, delivered_at, read_at, replied_at, clicked_at, failed_at, refused, error_code,
  priced_at, pricing_model, pricing_type, pricing_category, billable, request_event_id, identity_mark
)
SELECT
  format('{:08x}-{:04x}-7000-8000-{:012x}', epoch_ms(t) // 65536, epoch_ms(t) % 65536, n),
  true, t, t, 'wamid.BENCH' || n, p.contact_alias, p.phone_alias, p.country,
  'campaign-' || (n * 20 // getvariable('messages')), 'v' || n % 2, 'template-' || n % 5, 'en', 'marketing', 'segment-' || n % 6,
  'template', '106540352242922', '102290129340398',
  t, t + INTERVAL 1 SECOND, t + INTERVAL 2 SECOND,
  CASE WHEN n % 20 < 19 THEN t + INTERVAL 5 SECOND END,
  CASE WHEN n % 20 < 8 THEN t + to_seconds(60 + n % 30000) END,
  CASE WHEN n % 100 = 3 THEN t + to_seconds(300 + n % 3000) END,
  CASE WHEN n % 50 = 1 THEN t + to_seconds(200 + n % 3000) END,
  CASE WHEN n % 20 = 19 THEN t + INTERVAL 4 SECOND END,
  CASE WHEN n % 20 = 19 THEN false END,
  CASE WHEN n % 20 = 19 THEN [131026, 131049, 130472][1 + n % 3] END,
  t + INTERVAL 2 SECOND, 'PMP', 'regular', 'marketing', true, 'event-' || n,
  identity_hash('wamid.BENCH' || n, p.phone_alias, NULL::VARCHAR, p.country, '106540352242922', '102290129340398')
FROM (
  SELECT n, n * 7919 % getvariable('contacts') AS person,
    date_trunc('millisecond', getvariable('until') - INTERVAL 30 DAY
      + to_microseconds((n * (30 * 86400000000 / getvariable('messages')))::BIGINT)) AS t
  FROM range(getvariable('first'), getvariable('last')) AS r(n)
) AS m
JOIN bench_person AS p ON p.person = m.person
ORDER BY t;
