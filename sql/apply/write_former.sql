-- People to whom a delivered message belonged until now, where what is told may name somebody else: they lose what it was credited with.
INSERT INTO changed_contact (alias_id, changed_at)
SELECT alias_id, min(changed_at) FROM (
  SELECT unnest([m.contact_alias, m.phone_alias, m.user_alias]) AS alias_id, least(g.message_at, g.old_message_at) AS changed_at
  FROM merged AS g
  JOIN fact_message AS m ON m.rowid = g.row_id AND m.opened_at = g.opened_at
  WHERE g.is_old AND g.old_delivered_at IS NOT NULL AND (g.offers_identity OR g.offers_request)
) WHERE alias_id IS NOT NULL
GROUP BY alias_id;
