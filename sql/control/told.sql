-- What the platform's own news says that stops or slows a scope, by the newest state of each thing it speaks of; read again when there is
-- news, or a number is registered (news.sql). A template: {{young}} has the numbers, see control-snapshot.ts.

-- `ends` tells what ends a word before its time; a word that is over is not here. `mended` is no word: when a thing was last said to be well.
CREATE OR REPLACE TEMP TABLE told_word AS
WITH
news AS (
  SELECT e.*, row_number() OVER (ORDER BY occurred_at, event_hash) AS place
  FROM fact_platform_event AS e
  WHERE occurred_at <= getvariable('control_at')
    AND field IN ('message_template_status_update', 'message_template_quality_update', 'account_update', 'phone_number_quality_update', 'phone_number_health')
),
-- Updates may lack the template's name.
template_name AS (SELECT template_id, max(template_name) AS template_name FROM news WHERE template_id IS NOT NULL GROUP BY template_id),
template_news AS (
  SELECT n.field, n.waba_id, coalesce(n.template_name, t.template_name) AS template_name, n.template_language, n.occurred_at, n.place,
    CASE WHEN n.field = 'message_template_quality_update' THEN n.new_value
         WHEN json_extract_string(n.payload, '$.value.other_info.title') = 'UNPAUSE' THEN 'APPROVED'
         ELSE n.event END AS state
  FROM news AS n
  LEFT JOIN template_name AS t USING (template_id)
  WHERE n.field IN ('message_template_status_update', 'message_template_quality_update')
    -- These two do not change whether it can be sent.
    AND n.event IS DISTINCT FROM 'LOCKED' AND n.event IS DISTINCT FROM 'LIMIT_EXCEEDED'
),
template_state AS (
  SELECT field, template_name, state, occurred_at FROM template_news
  QUALIFY row_number() OVER (PARTITION BY field, waba_id, template_name, template_language ORDER BY place DESC) = 1
),
-- Each kind of news on an account has a newest state of its own.
account_news AS (
  SELECT waba_id, event, occurred_at, place, reason, payload,
    CASE WHEN event = 'DISABLED_UPDATE' THEN new_value ELSE event END AS state,
    CASE WHEN event = 'DISABLED_UPDATE' AND new_value IN ('DISABLE', 'SCHEDULE_FOR_DISABLE', 'REINSTATE') THEN 'ban'
         WHEN event IN ('ACCOUNT_DELETED', 'ACCOUNT_OFFBOARDED', 'ACCOUNT_RECONNECTED') THEN 'life'
         WHEN event = 'ACCOUNT_RESTRICTION' AND contains(reason, 'RESTRICTED_BIZ_INITIATED_MESSAGING') THEN 'restriction'
         -- Of a fault in calling, messages know nothing.
         WHEN event = 'ACCOUNT_VIOLATION' AND NOT contains(coalesce(upper(reason), ''), 'CALL') THEN 'violation' END AS topic
  FROM news
  WHERE field = 'account_update'
),
account_state AS (
  SELECT * FROM account_news WHERE topic IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY waba_id, topic ORDER BY place DESC) = 1
),
restriction AS (
  SELECT waba_id, occurred_at, max(expires_at) AS expires_at
  FROM (
    SELECT waba_id, occurred_at, CASE
        WHEN regexp_matches(expiration, '^[0-9]{9,10}$') THEN make_timestamp(TRY_CAST(expiration AS BIGINT) * 1000000)
        ELSE coalesce(TRY_CAST(expiration AS TIMESTAMP), try_strptime(expiration, ['%B %d, %Y', '%b %d, %Y', '%d %B %Y'])) END AS expires_at
    FROM (
      SELECT waba_id, occurred_at, json_extract_string(item, '$.expiration') AS expiration
      FROM (SELECT waba_id, occurred_at, unnest(json_extract(payload, '$.value.restriction_info[*]')) AS item
            FROM account_state WHERE topic = 'restriction')
      WHERE json_extract_string(item, '$.restriction_type') = 'RESTRICTED_BIZ_INITIATED_MESSAGING'
    )
  )
  GROUP BY waba_id, occurred_at
),
number_state AS (
  SELECT coalesce(e.phone_number_id, n.phone_number_id) AS phone_number_id, e.waba_id, e.event, e.occurred_at
  FROM (SELECT *, regexp_replace(display_phone, '[^0-9]', '', 'g') AS digits FROM news
        WHERE field = 'phone_number_quality_update' AND event IN ('FLAGGED', 'UNFLAGGED', 'UPGRADE', 'DOWNGRADE')) AS e
  LEFT JOIN {{young}}.number AS n ON e.phone_number_id IS NULL AND n.display_phone = e.digits
  QUALIFY row_number() OVER (PARTITION BY coalesce(e.phone_number_id, n.phone_number_id, e.digits), e.waba_id ORDER BY e.place DESC) = 1
),
-- Whether a number can send at all, as the poller read it: no webhook tells. An answer without it says nothing new.
health_state AS (
  SELECT phone_number_id, event, occurred_at FROM news
  WHERE field = 'phone_number_health' AND event IN ('AVAILABLE', 'LIMITED', 'BLOCKED')
  QUALIFY row_number() OVER (PARTITION BY phone_number_id ORDER BY place DESC) = 1
)
SELECT 'template' AS scope, template_name AS value, CASE state WHEN 'FLAGGED' THEN 'no_growth' ELSE 'stop' END AS action,
  'template_' || lower(state) AS code, occurred_at AS said_at, NULL::TIMESTAMP AS until_at, NULL AS ends
FROM template_state
WHERE field = 'message_template_status_update' AND state IN (
  'PAUSED', 'DISABLED', 'PENDING', 'REJECTED', 'ARCHIVED', 'DELETED', 'PENDING_DELETION', 'IN_APPEAL', 'FLAGGED')
UNION ALL
SELECT 'template', template_name, 'no_growth', 'template_quality_' || lower(state), occurred_at, NULL, NULL
FROM template_state
WHERE field = 'message_template_quality_update' AND state IN ('RED', 'YELLOW')
UNION ALL
SELECT 'waba', waba_id, 'stop', 'account_' || lower(state), occurred_at, NULL, NULL
FROM account_state
WHERE topic = 'ban' AND state <> 'REINSTATE'
UNION ALL
SELECT 'waba', waba_id, 'stop', lower(state), occurred_at, NULL, NULL
FROM account_state
WHERE topic = 'life' AND state <> 'ACCOUNT_RECONNECTED'
UNION ALL
SELECT 'waba', waba_id, 'stop', 'account_restriction', occurred_at, expires_at, NULL FROM restriction
UNION ALL
-- Nothing tells that a violation is over: quality looks back seven days.
SELECT 'waba', waba_id, 'no_growth', 'account_violation', occurred_at, occurred_at + INTERVAL 7 DAY, NULL
FROM account_state
WHERE topic = 'violation'
UNION ALL
-- A number that nobody registered by its digits is known only by its account.
SELECT CASE WHEN phone_number_id IS NULL THEN 'waba' ELSE 'number' END, coalesce(phone_number_id, waba_id), 'no_growth',
  'number_' || lower(event), occurred_at, NULL, NULL
FROM number_state
WHERE event IN ('FLAGGED', 'DOWNGRADE')
UNION ALL
-- Blocked until it is read otherwise, or takes a message: nobody may be asking any more.
SELECT 'number', phone_number_id, CASE event WHEN 'BLOCKED' THEN 'stop' ELSE 'no_growth' END, 'number_' || lower(event), occurred_at,
  NULL, CASE event WHEN 'BLOCKED' THEN 'accepted' END
FROM health_state
WHERE event IN ('LIMITED', 'BLOCKED')
UNION ALL
SELECT 'template', template_name, 'mended', NULL, max(occurred_at), NULL, NULL
FROM template_news
WHERE field = 'message_template_status_update' AND state IN ('APPROVED', 'REINSTATED')
GROUP BY template_name
UNION ALL
SELECT 'waba', waba_id, 'mended', NULL, max(occurred_at), NULL, NULL FROM account_news WHERE state = 'REINSTATE' GROUP BY waba_id;
