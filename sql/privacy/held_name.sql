-- The names that are asked about, each with the time in which it was the person's.
CREATE OR REPLACE TEMP TABLE held_name AS
SELECT unnest($aliases::VARCHAR[]) AS alias_id,
  coalesce(make_timestamp_ms(unnest($froms::BIGINT[])), TIMESTAMP '-infinity') AS valid_from,
  coalesce(make_timestamp_ms(unnest($tos::BIGINT[])), TIMESTAMP 'infinity') AS valid_to
