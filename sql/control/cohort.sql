-- Messages by stream, number, category and time of sending. Service messages without a campaign belong to no stream.
SELECT campaign_id, template_name, segment_id, phone_number_id, category, epoch_ms(sent_at) AS sent_at,
  sum(sent)::BIGINT AS sent, sum(delivered)::BIGINT AS delivered,
  sum(undeliverable)::BIGINT AS undeliverable, sum(platform_block)::BIGINT AS platform_block,
  sum(other_failure)::BIGINT AS other_failure, sum(opt_out)::BIGINT AS opt_out
FROM (FROM control_group_old UNION ALL FROM control_group_young) AS g
WHERE NOT (g.category IS NOT DISTINCT FROM 'service' AND campaign_id IS NULL)
GROUP BY campaign_id, template_name, segment_id, phone_number_id, category, g.sent_at
ORDER BY g.sent_at, campaign_id, template_name, segment_id, phone_number_id, category;
