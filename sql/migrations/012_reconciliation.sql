-- Books by which the facts are checked against the records, and the platform's own figures.

-- Records applied and what they held, by partition and kind. A record that is tried again is not counted again.
CREATE TABLE record_count (
  log_partition VARCHAR NOT NULL,
  record_kind   VARCHAR NOT NULL, -- webhook | event | command; 'before' is what was applied before this was counted
  records       BIGINT  NOT NULL,
  items         BIGINT  NOT NULL, -- updates, events and commands in them
  unmodelled    BIGINT  NOT NULL, -- of those, kept raw
  PRIMARY KEY (log_partition, record_kind)
);
INSERT INTO record_count SELECT log_partition, 'before', next_offset, 0, 0 FROM ingest_position;

-- How often rows of each fact were told, and how often that was a copy: told - copies is what the table must hold.
CREATE TABLE fact_count (
  fact   VARCHAR NOT NULL PRIMARY KEY,
  told   BIGINT  NOT NULL,
  copies BIGINT  NOT NULL
);
INSERT INTO fact_count SELECT 'fact_status', count(*), 0 FROM fact_status HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_inbound', count(*), 0 FROM fact_inbound HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_assignment', count(*), 0 FROM fact_assignment HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_click', count(*), 0 FROM fact_click HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_conversion', count(*), 0 FROM fact_conversion HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_consent', count(*), 0 FROM fact_consent HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_segment_membership', count(*), 0 FROM fact_segment_membership HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'fact_platform_event', count(*), 0 FROM fact_platform_event HAVING count(*) > 0;
INSERT INTO fact_count SELECT 'unmodelled_update', count(*), 0 FROM unmodelled_update HAVING count(*) > 0;

-- What the platform itself says of an interval: one data point of pricing_analytics or template_analytics. All versions stay; the newest by
-- (told_at, command_id) is in force.
CREATE TABLE fact_platform_figure (
  command_id   VARCHAR   NOT NULL,
  item         INTEGER   NOT NULL, -- place in the answer, from 0
  told_at      TIMESTAMP NOT NULL, -- when it was handed in
  report       VARCHAR   NOT NULL, -- pricing | template
  waba_id      VARCHAR   NOT NULL,
  from_at      TIMESTAMP NOT NULL,
  to_at        TIMESTAMP NOT NULL,
  parts        VARCHAR   NOT NULL, -- the dimensions of its answer, in order of name
  country      VARCHAR,
  phone_number VARCHAR,            -- digits
  category     VARCHAR,            -- as the platform spells it, in lower case, with underscores
  pricing_type VARCHAR,            -- the same
  tier         VARCHAR,
  template_id  VARCHAR,
  sent         BIGINT,
  delivered    BIGINT,             -- VOLUME of pricing_analytics
  read         BIGINT,
  cost_micros  BIGINT              -- micro-units of the account's currency; NULL where the platform hides it
);
