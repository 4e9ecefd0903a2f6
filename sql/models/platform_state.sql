/*
name: platform_state
kind: view
layer: staging
grain: one number, template or quality of a template and interval in one state
description: >
  How long numbers and templates stood in which state, by the platform's own events. A number is flagged or unflagged; a template has a status
  (APPROVED, PAUSED, DISABLED ...) and a quality (GREEN, YELLOW, RED, UNKNOWN) apart. Before its first event nothing is known of it. What the
  platform sent without a time is not here.
columns:
  kind: number, template or template_quality
  subject: the number's id (else its digits), or the template's id (else its name and language)
  waba_id: WhatsApp business account
  phone_number_id: of a number
  template_name: of a template
  template_language: of a template
  state: as the platform calls it
  valid_from: {description: first instant, unit: UTC}
  valid_to: {description: first instant that is out again; infinity for the state of now, unit: UTC}
*/
WITH registered AS (
  SELECT id, regexp_replace(display_phone, '[^0-9]', '', 'g') AS digits FROM dim_registry
  WHERE kind = 'phone_number'
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1
),
named AS (
  -- Updates may lack the template's name.
  SELECT template_id, max(template_name) AS template_name, max(template_language) AS template_language
  FROM fact_platform_event WHERE template_id IS NOT NULL GROUP BY template_id
),
told AS (
  SELECT 'number' AS kind, coalesce(e.phone_number_id, r.id, e.digits) AS subject, e.waba_id, coalesce(e.phone_number_id, r.id) AS phone_number_id,
    NULL::VARCHAR AS template_name, NULL::VARCHAR AS template_language, e.event AS state, e.occurred_at, e.event_hash
  FROM (SELECT *, regexp_replace(display_phone, '[^0-9]', '', 'g') AS digits FROM fact_platform_event
        WHERE field = 'phone_number_quality_update' AND event IN ('FLAGGED', 'UNFLAGGED')) AS e
  LEFT JOIN registered AS r ON r.digits = e.digits
  UNION ALL
  SELECT CASE WHEN e.field = 'message_template_quality_update' THEN 'template_quality' ELSE 'template' END,
    coalesce(e.template_id, e.template_name || '/' || coalesce(e.template_language, '')), e.waba_id, NULL,
    coalesce(e.template_name, n.template_name), coalesce(e.template_language, n.template_language),
    CASE WHEN e.field = 'message_template_quality_update' THEN e.new_value
         WHEN json_extract_string(e.payload, '$.value.other_info.title') = 'UNPAUSE' THEN 'APPROVED'
         ELSE e.event END,
    e.occurred_at, e.event_hash
  FROM fact_platform_event AS e
  LEFT JOIN named AS n USING (template_id)
  WHERE e.field IN ('message_template_status_update', 'message_template_quality_update')
    -- These two do not change whether it can be sent.
    AND e.event IS DISTINCT FROM 'LOCKED' AND e.event IS DISTINCT FROM 'LIMIT_EXCEEDED'
),
turn AS (
  SELECT *, lag(state) OVER one AS state_before
  FROM told
  WHERE occurred_at IS NOT NULL AND state IS NOT NULL AND subject IS NOT NULL
  WINDOW one AS (PARTITION BY kind, subject, waba_id ORDER BY occurred_at, event_hash)
  QUALIFY state_before IS DISTINCT FROM state
),
stay AS (
  SELECT *, coalesce(lead(occurred_at) OVER (PARTITION BY kind, subject, waba_id ORDER BY occurred_at, event_hash), TIMESTAMP 'infinity') AS next_at FROM turn
)
SELECT kind, subject, waba_id, phone_number_id, template_name, template_language, state, occurred_at AS valid_from, next_at AS valid_to
FROM stay
WHERE next_at > occurred_at

-- audit: one state at a time, and one of now for each
SELECT kind, subject, waba_id, count(*) FILTER (WHERE valid_to = TIMESTAMP 'infinity') AS open
FROM (SELECT *, lead(valid_from) OVER (PARTITION BY kind, subject, waba_id ORDER BY valid_from) AS next_from FROM platform_state)
GROUP BY kind, subject, waba_id
HAVING open <> 1 OR count(*) FILTER (WHERE next_from < valid_to) > 0
