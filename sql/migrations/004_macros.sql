-- Definitions that apply and the models share.

-- When a message belongs to, in time: the earliest of its own states that is known. Apply keeps it in fact_message.message_at.
CREATE MACRO message_time(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at) AS
  least(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at);

-- The 15-minute interval that an instant lies in: marts keep this grain, so that days can be cut in any zone.
CREATE MACRO quarter_hour(instant) AS time_bucket(INTERVAL 15 MINUTE, instant);

-- The time inside a time-ordered UUID (version 7, RFC 9562 section 5.7): its first 48 bits are milliseconds since 1970. Else NULL.
CREATE MACRO send_id_time(send_id) AS
  CASE WHEN length(send_id) = 36 AND send_id[15] = '7' AND send_id[9] = '-' AND send_id[14] = '-'
       THEN make_timestamp_ms(TRY_CAST('0x' || send_id[1:8] || send_id[10:13] AS BIGINT)) END;

-- A failure and a price as one text each, so that "the earliest statement as a whole wins, ties by its own values" is min().
-- The time comes first, in a width that does not change (microseconds since 1970 have 16 digits until the year 2286).
CREATE MACRO failure_text(instant, code, refused, title) AS
  CASE WHEN instant IS NOT NULL
       THEN lpad(epoch_us(instant)::VARCHAR, 16, '0') || '|' || coalesce(code::VARCHAR, '') || '|' || CASE WHEN refused THEN '1' ELSE '0' END
            || '|' || coalesce(title, '') END;
CREATE MACRO price_text(instant, model, kind, category, billable) AS
  CASE WHEN instant IS NOT NULL
       THEN lpad(epoch_us(instant)::VARCHAR, 16, '0') || '|' || coalesce(model, '') || '|' || coalesce(kind, '') || '|'
            || coalesce(category, '') || '|' || CASE billable WHEN true THEN '1' WHEN false THEN '0' ELSE '' END END;
CREATE MACRO text_time(statement) AS make_timestamp(statement[1:16]::BIGINT);

CREATE MACRO identity_hash(message_id, phone_alias, user_alias, country, phone_number_id, waba_id) AS
  hash(message_id, phone_alias, user_alias, country, phone_number_id, waba_id);
