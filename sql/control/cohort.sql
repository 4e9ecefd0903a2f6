-- Messages of one part by stream, variant, market, number, category and time of sending. Service messages without a campaign belong to
-- no stream. A template like group.sql.
SELECT campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category, epoch_ms(g.sent_at)::DOUBLE AS sent_at,
  sum(sent)::DOUBLE AS sent, sum(held)::DOUBLE AS held, sum(delivered)::DOUBLE AS delivered, sum(read)::DOUBLE AS read,
  sum(replied)::DOUBLE AS replied, sum(clicked)::DOUBLE AS clicked, sum(undeliverable)::DOUBLE AS undeliverable,
  sum(marketing_limit)::DOUBLE AS marketing_limit, sum(platform_block)::DOUBLE AS platform_block,
  sum(other_failure)::DOUBLE AS other_failure, sum(opt_out)::DOUBLE AS opt_out, sum(complaint)::DOUBLE AS complaint
FROM {{part}}.message_group AS g
WHERE NOT (category IS NOT DISTINCT FROM 'service' AND campaign_id IS NULL)
GROUP BY campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category, g.sent_at
ORDER BY g.sent_at, campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category;
