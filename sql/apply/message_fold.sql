-- fold: the batch's evidence, one row a message. Times: the earliest. Failure and price: the earliest statement as a whole,
-- ties by its own values, so that no order of arrival shows.
UPDATE patch SET message_key =
  coalesce(send_id, message_key, message_id) || CASE WHEN participant_alias IS NULL THEN '' ELSE '/' || participant_alias END;

CREATE OR REPLACE TEMP TABLE request AS
SELECT DISTINCT ON (send_id) send_id AS message_key, *
FROM stage_send
WHERE step = 'requested'
ORDER BY send_id, occurred_at, event_id;

CREATE OR REPLACE TEMP TABLE fold AS
SELECT p.message_key,
  bool_or(p.send_id IS NOT NULL) AS origin_known,
  send_id_time(min(p.send_id)) AS id_time,
  min(p.message_id) AS message_id, min(p.participant_alias) AS participant_alias,
  min(p.phone_alias) AS phone_alias, min(p.user_alias) AS user_alias, min(p.country) AS country,
  min(p.phone_number_id) AS phone_number_id, min(p.waba_id) AS waba_id,
  min(p.accepted_at) AS accepted_at, min(p.held_at) AS held_at, min(p.paused_at) AS paused_at, min(p.sent_at) AS sent_at,
  min(p.delivered_at) AS delivered_at, min(p.read_at) AS read_at, min(p.played_at) AS played_at,
  min(p.replied_at) AS replied_at, min(p.clicked_at) AS clicked_at,
  min(struct_pack(at := p.failed_at, code := coalesce(p.error_code, 2147483647), refused := p.refused, title := coalesce(p.error_title, '')))
    FILTER (p.failed_at IS NOT NULL) AS failure,
  min(struct_pack(at := p.priced_at, model := coalesce(p.pricing_model, ''), kind := coalesce(p.pricing_type, ''),
                  category := coalesce(p.pricing_category, ''), billable := coalesce(p.billable::TINYINT, 2)))
    FILTER (p.priced_at IS NOT NULL) AS price,
  min(p.seen_at) AS seen_at
FROM patch AS p
GROUP BY p.message_key;

-- The whole row that the batch alone would make, and where in time its place is.
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT f.message_key, f.origin_known,
  coalesce(f.id_time, (SELECT min(d.opened_at) FROM found AS d WHERE d.message_key = f.message_key), f.seen_at) AS opened_at,
  f.message_id, f.participant_alias,
  r.contact_alias, f.phone_alias, f.user_alias, f.country,
  r.campaign_id, r.variant_id, r.template_name, r.template_language, r.category, r.segment_id, r.message_type, r.expires_at,
  f.phone_number_id, f.waba_id,
  r.occurred_at AS requested_at, f.accepted_at, f.held_at, f.paused_at, f.sent_at, f.delivered_at, f.read_at, f.played_at,
  f.replied_at, f.clicked_at, f.failure, f.price,
  r.event_id AS request_event_id
FROM fold AS f
LEFT JOIN request AS r ON r.message_key = f.message_key;
