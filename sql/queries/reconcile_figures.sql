-- The platform's figures beside ours, newest first.
SELECT report, waba_id, from_at, to_at, country, category, pricing_type, template_name, template_language,
  their_sent, our_sent, their_delivered, our_delivered, their_read, our_read, their_cost_micros, our_cost_micros, our_unpriced,
  their_all::BIGINT AS their_all, our_all::BIGINT AS our_all, starts_at_midnight, told_at, compared_at
FROM platform_comparison
WHERE ($waba::VARCHAR IS NULL OR waba_id = $waba) AND from_at >= $since::TIMESTAMP AND from_at < $until::TIMESTAMP
ORDER BY from_at DESC, waba_id, report, country, category, pricing_type, template_name, template_language;
