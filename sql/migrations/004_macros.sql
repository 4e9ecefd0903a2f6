-- Definitions that apply and the models share.

-- When a message belongs to, in time: the earliest of its own states that is known. Apply keeps it in fact_message.message_at.
CREATE MACRO message_time(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at) AS
  least(requested_at, accepted_at, held_at, paused_at, sent_at, delivered_at, read_at, played_at, failed_at);

-- The 15-minute interval that an instant lies in: marts keep this grain, so that days can be cut in any zone.
CREATE MACRO quarter_hour(instant) AS time_bucket(INTERVAL 15 MINUTE, instant);

-- The time inside a time-ordered UUID (version 7, RFC 9562 section 5.7): its first 48 bits are milliseconds since 1970. Else NULL.
CREATE MACRO send_id_time(send_id) AS
  CASE WHEN regexp_full_match(send_id, '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')
       THEN make_timestamp_ms(('0x' || send_id[1:8] || send_id[10:13])::BIGINT) END;
