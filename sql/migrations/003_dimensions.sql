-- Who and what the facts speak of. Each row follows from the set of records, so order does not matter.

-- The only table with personal data. An alias is one way to name a person.
CREATE TABLE contact_alias (
  alias_id VARCHAR NOT NULL,
  kind     VARCHAR NOT NULL, -- contact | phone | user
  value    VARCHAR NOT NULL,
  country  VARCHAR
);

-- Evidence that two aliases are one person, with its time: numbers change hands. dim_contact is built from these.
CREATE TABLE contact_link (
  alias_a     VARCHAR   NOT NULL,
  alias_b     VARCHAR   NOT NULL,
  occurred_at TIMESTAMP NOT NULL,
  source      VARCHAR   NOT NULL, -- webhook | backend | number_change | user_change
  link_month  VARCHAR   NOT NULL  -- 'YYYY-MM' of occurred_at: of the same link seen often, the first of each month is kept
);

-- What is known of a contact beyond its ids: the newest `contact.upserted` by its own time.
CREATE TABLE contact_profile (
  contact_alias VARCHAR   NOT NULL,
  occurred_at   TIMESTAMP NOT NULL,
  event_id      VARCHAR   NOT NULL,
  display_name  VARCHAR,
  language      VARCHAR,
  time_zone     VARCHAR,
  attributes    JSON
);

-- Versions of what was registered by command. The newest by (changed_at, command_id) is in force.
CREATE TABLE dim_campaign (
  campaign_id       VARCHAR   NOT NULL,
  changed_at        TIMESTAMP NOT NULL,
  command_id        VARCHAR   NOT NULL,
  name              VARCHAR   NOT NULL,
  objective         VARCHAR,
  phone_number_id   VARCHAR,
  template_name     VARCHAR,
  template_language VARCHAR,
  category          VARCHAR,
  reply_window_h    INTEGER   NOT NULL,
  optout_window_h   INTEGER   NOT NULL,
  conversion_window_d INTEGER NOT NULL,
  margin            DECIMAL(9, 6),
  settings          JSON      NOT NULL -- the command as it came
);
CREATE TABLE dim_variant (
  campaign_id VARCHAR   NOT NULL,
  variant_id  VARCHAR   NOT NULL,
  changed_at  TIMESTAMP NOT NULL,
  command_id  VARCHAR   NOT NULL,
  name        VARCHAR,
  weight      DOUBLE,
  is_holdout  BOOLEAN   NOT NULL
);
CREATE TABLE dim_registry (            -- portfolios, WhatsApp business accounts, phone numbers
  kind         VARCHAR   NOT NULL,     -- portfolio | waba | phone_number
  id           VARCHAR   NOT NULL,
  changed_at   TIMESTAMP NOT NULL,
  command_id   VARCHAR   NOT NULL,
  name         VARCHAR,
  parent_id    VARCHAR,                -- a number's WABA, a WABA's portfolio
  time_zone    VARCHAR,
  currency     VARCHAR,
  display_phone VARCHAR
);
