-- What the platform says that stops or slows a scope, by the newest state of each thing it speaks of. A word that is over is not here.
-- A template: {{young}} has what was read of the young part of the horizon, see control-snapshot.ts.
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
),
-- Error codes: in failures of messages, and in webhooks about a whole account.
message AS (FROM control_old.scope_group UNION ALL FROM {{young}}.scope_group),
refusal AS (
  SELECT word_code AS code, phone_number_id, waba_id, template_name, failed_at FROM message WHERE word_code IS NOT NULL
  UNION ALL
  SELECT error_code, phone_number_id, waba_id, template_name, occurred_at FROM fact_platform_event
  WHERE event = 'error' AND occurred_at >= getvariable('horizon_from') AND occurred_at <= getvariable('control_at')
),
error_state AS (
  SELECT w.code, w.scope, w.ends, max(r.failed_at) AS failed_at,
    CASE w.scope WHEN 'number' THEN r.phone_number_id WHEN 'template' THEN r.template_name ELSE coalesce(n.waba_id, r.waba_id) END AS value
  FROM refusal AS r
  JOIN error_word AS w USING (code)
  LEFT JOIN {{young}}.number AS n ON n.phone_number_id = r.phone_number_id
  GROUP BY w.code, w.scope, w.ends,
    CASE w.scope WHEN 'number' THEN r.phone_number_id WHEN 'template' THEN r.template_name ELSE coalesce(n.waba_id, r.waba_id) END
),
-- What has gone well since.
good AS (
  SELECT 'number' AS scope, phone_number_id AS value, max(accepted_at) AS good_at FROM message GROUP BY phone_number_id
  UNION ALL
  SELECT 'waba', coalesce(n.waba_id, m.waba_id), max(m.accepted_at)
  FROM message AS m LEFT JOIN {{young}}.number AS n USING (phone_number_id)
  GROUP BY coalesce(n.waba_id, m.waba_id)
  UNION ALL
  SELECT 'template', template_name, max(delivered_at) FROM message GROUP BY template_name
),
mended AS (
  SELECT 'template' AS scope, template_name AS value, max(occurred_at) AS mended_at FROM template_news
  WHERE field = 'message_template_status_update' AND state IN ('APPROVED', 'REINSTATED')
  GROUP BY template_name
  UNION ALL
  SELECT 'waba', waba_id, max(occurred_at) FROM account_news WHERE state = 'REINSTATE' GROUP BY waba_id
),
word AS (
  SELECT 'template' AS scope, template_name AS value, CASE state WHEN 'FLAGGED' THEN 'no_growth' ELSE 'stop' END AS action,
    'template_' || lower(state) AS code, occurred_at AS said_at, NULL::TIMESTAMP AS until_at
  FROM template_state
  WHERE field = 'message_template_status_update' AND state IN (
    'PAUSED', 'DISABLED', 'PENDING', 'REJECTED', 'ARCHIVED', 'DELETED', 'PENDING_DELETION', 'IN_APPEAL', 'FLAGGED')
  UNION ALL
  SELECT 'template', template_name, 'no_growth', 'template_quality_' || lower(state), occurred_at, NULL
  FROM template_state
  WHERE field = 'message_template_quality_update' AND state IN ('RED', 'YELLOW')
  UNION ALL
  SELECT 'waba', waba_id, 'stop', 'account_' || lower(state), occurred_at, NULL
  FROM account_state
  WHERE topic = 'ban' AND state <> 'REINSTATE'
  UNION ALL
  SELECT 'waba', waba_id, 'stop', lower(state), occurred_at, NULL
  FROM account_state
  WHERE topic = 'life' AND state <> 'ACCOUNT_RECONNECTED'
  UNION ALL
  SELECT 'waba', waba_id, 'stop', 'account_restriction', occurred_at, expires_at FROM restriction
  UNION ALL
  -- Nothing tells that a violation is over: quality looks back seven days.
  SELECT 'waba', waba_id, 'no_growth', 'account_violation', occurred_at, occurred_at + INTERVAL 7 DAY
  FROM account_state
  WHERE topic = 'violation'
  UNION ALL
  -- A number that nobody registered by its digits is known only by its account.
  SELECT CASE WHEN phone_number_id IS NULL THEN 'waba' ELSE 'number' END, coalesce(phone_number_id, waba_id), 'no_growth',
    'number_' || lower(event), occurred_at, NULL
  FROM number_state
  WHERE event IN ('FLAGGED', 'DOWNGRADE')
  UNION ALL
  -- Blocked until it is read otherwise, or takes a message: nobody may be asking any more.
  SELECT 'number', h.phone_number_id, CASE h.event WHEN 'BLOCKED' THEN 'stop' ELSE 'no_growth' END,
    'number_' || lower(h.event), h.occurred_at, NULL
  FROM health_state AS h
  LEFT JOIN good AS g ON g.scope = 'number' AND g.value = h.phone_number_id
  WHERE h.event = 'LIMITED' OR (h.event = 'BLOCKED' AND NOT coalesce(g.good_at > h.occurred_at, false))
  UNION ALL
  SELECT e.scope, e.value, 'stop', 'error_' || e.code, e.failed_at,
    CASE WHEN e.ends = 'after_a_day' THEN e.failed_at + INTERVAL 24 HOUR END
  FROM error_state AS e
  LEFT JOIN good AS g ON g.scope = e.scope AND g.value = e.value
  LEFT JOIN mended AS m ON m.scope = e.scope AND m.value = e.value
  WHERE NOT coalesce(CASE e.ends
    WHEN 'accepted' THEN g.good_at > e.failed_at OR (e.code = 131031 AND m.mended_at > e.failed_at)
    WHEN 'accepted_later' THEN g.good_at > e.failed_at + INTERVAL 10 MINUTE
    WHEN 'delivered' THEN g.good_at > e.failed_at OR m.mended_at > e.failed_at
  END, false)
)
SELECT scope, value, action, code, epoch_ms(max(said_at)) AS said_at,
  epoch_ms(CASE WHEN count(until_at) = count(*) THEN max(until_at) END) AS until_at
FROM word
WHERE value IS NOT NULL AND (until_at IS NULL OR until_at > getvariable('control_at'))
GROUP BY scope, value, action, code
ORDER BY scope, value, code;
