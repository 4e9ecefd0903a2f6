-- Where each registered number belongs, by the newest registrations. A template like group.sql.
CREATE OR REPLACE {{temp}} TABLE {{part}}.number AS
WITH registered AS (
  SELECT id AS phone_number_id, parent_id AS waba_id, regexp_replace(display_phone, '[^0-9]', '', 'g') AS display_phone
  FROM dim_registry
  WHERE kind = 'phone_number'
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1
)
SELECT n.phone_number_id, n.waba_id, w.portfolio_id, n.display_phone
FROM registered AS n
LEFT JOIN waba_portfolio AS w USING (waba_id);
