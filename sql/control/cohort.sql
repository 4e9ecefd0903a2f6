-- Messages of one part by stream, number, category and time of sending. Service messages without a campaign belong to no stream.
-- A template like group.sql.
SELECT campaign_id, template_name, segment_id, phone_number_id, category, epoch_ms(g.sent_at)::DOUBLE AS sent_at,
  sum(sent)::DOUBLE AS sent, sum(delivered)::DOUBLE AS delivered,
  sum(undeliverable)::DOUBLE AS undeliverable, sum(platform_block)::DOUBLE AS platform_block,
  sum(other_failure)::DOUBLE AS other_failure, sum(opt_out)::DOUBLE AS opt_out
FROM {{part}}.message_group AS g
WHERE NOT (category IS NOT DISTINCT FROM 'service' AND campaign_id IS NULL)
GROUP BY campaign_id, template_name, segment_id, phone_number_id, category, g.sent_at
ORDER BY g.sent_at, campaign_id, template_name, segment_id, phone_number_id, category;
