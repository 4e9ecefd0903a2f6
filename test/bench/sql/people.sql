-- What people of the benchmark's messages did beside reading: inbound messages, orders and opt-outs, and their aliases.
INSERT INTO contact_alias SELECT phone_alias, 'phone', phone, country FROM bench_person;
INSERT INTO contact_alias SELECT contact_alias, 'contact', 'contact-' || person, NULL FROM bench_person;
INSERT INTO contact_link
SELECT contact_alias, phone_alias, getvariable('until') - INTERVAL 31 DAY, 'backend', strftime(getvariable('until') - INTERVAL 31 DAY, '%Y-%m')
FROM bench_person;
INSERT INTO fact_inbound (
  message_id, occurred_at, phone_alias, phone_number_id, waba_id, message_type, counted_type, counts_as_reply, context_id, content_hash
)
SELECT 'in-' || message_id, replied_at, phone_alias, phone_number_id, waba_id, 'text', 'reply', true,
  CASE WHEN hash(message_id) % 2 = 0 THEN message_id END, message_id
FROM fact_message WHERE replied_at IS NOT NULL;
INSERT INTO fact_conversion (event_id, kind, occurred_at, contact_alias, order_id, amount_micros, currency)
SELECT 'order-' || message_id, 'order', clicked_at + INTERVAL 1 HOUR, contact_alias, message_id, 25000000, 'EUR'
FROM fact_message WHERE clicked_at IS NOT NULL AND hash(message_id) % 4 = 0;
INSERT INTO fact_consent (event_id, occurred_at, contact_alias, category, state, source)
SELECT 'stop-' || message_id, delivered_at + INTERVAL 2 HOUR, contact_alias, 'marketing', 'withdrawn', 'stop_word'
FROM fact_message WHERE delivered_at IS NOT NULL AND hash(message_id) % 300 = 0;
