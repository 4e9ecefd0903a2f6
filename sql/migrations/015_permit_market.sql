-- Country that all recipients of a count were said to be of (ISO 3166-1 alpha-2); NULL where the request named none.
ALTER TABLE fact_permit ADD COLUMN market VARCHAR;
