-- Who and from where, as far as the batch knows more than the row.
UPDATE fact_message AS m SET
  origin_known = g.origin_known, message_id = least(m.message_id, f.message_id), phone_alias = least(m.phone_alias, f.phone_alias),
  user_alias = least(m.user_alias, f.user_alias), country = least(m.country, f.country),
  phone_number_id = least(m.phone_number_id, f.phone_number_id), waba_id = least(m.waba_id, f.waba_id),
  identity_mark = identity_hash(least(m.message_id, f.message_id), least(m.phone_alias, f.phone_alias),
    least(m.user_alias, f.user_alias), least(m.country, f.country), least(m.phone_number_id, f.phone_number_id),
    least(m.waba_id, f.waba_id))
FROM merged AS g
JOIN fold AS f ON f.message_key = g.message_key
WHERE g.is_old AND g.offers_identity
  AND m.rowid = g.row_id AND m.opened_at = g.opened_at;
