-- People whose messages were newly proven delivered, clicked or answered, moved in time or newly tied to them: their credits may change
-- from that message on. The row knows more names of a person than the evidence.
INSERT INTO changed_contact (alias_id, changed_at)
SELECT alias_id, min(changed_at) FROM (
  SELECT unnest([contact_alias, phone_alias, user_alias]) AS alias_id, message_at AS changed_at
  FROM merged
  WHERE NOT is_old AND delivered_at IS NOT NULL
  UNION ALL
  SELECT unnest([m.contact_alias, m.phone_alias, m.user_alias]), least(g.message_at, g.old_message_at)
  FROM merged AS g
  JOIN fact_message AS m ON m.rowid = g.row_id AND m.opened_at = g.opened_at
  WHERE g.is_old AND g.delivered_at IS NOT NULL
    AND (g.moves_touch OR g.offers_identity OR g.offers_request OR g.delivered_at IS DISTINCT FROM g.old_delivered_at
         OR g.message_at IS DISTINCT FROM g.old_message_at)
) WHERE alias_id IS NOT NULL
GROUP BY alias_id;
