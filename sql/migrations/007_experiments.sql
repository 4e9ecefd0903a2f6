-- Experiments: what was registered, what was decided at each look, and what the models of experiments have to recompute.

-- Versions of what was registered by command. The newest by (changed_at, command_id) is in force.
CREATE TABLE dim_experiment (
  experiment_id VARCHAR   NOT NULL,
  changed_at    TIMESTAMP NOT NULL,
  command_id    VARCHAR   NOT NULL,
  name          VARCHAR   NOT NULL,
  campaign_id   VARCHAR   NOT NULL, -- whose messages are the treatment
  dimension     VARCHAR   NOT NULL, -- content | call_to_action | send_time | offer
  salt          VARCHAR   NOT NULL,
  metric        VARCHAR   NOT NULL, -- read | reply | click | conversion | revenue
  goal          VARCHAR,            -- only this goal is a conversion
  age_h         INTEGER   NOT NULL, -- hours in which a person's outcomes count
  currency      VARCHAR,            -- only orders in it count as revenue
  arms          JSON      NOT NULL,
  plan          JSON,
  design_hash   VARCHAR   NOT NULL, -- of all that must not change once people are in
  settings      JSON      NOT NULL  -- the command's body as it came
);

-- What a verdict said at one look, with all that it saw: the same function gives the same document again.
CREATE TABLE fact_experiment_look (
  experiment_id VARCHAR   NOT NULL,
  look_key      VARCHAR   NOT NULL, -- <design hash>/<number>/<state>: of a look told twice the first counts
  looked_at     TIMESTAMP NOT NULL,
  command_id    VARCHAR   NOT NULL,
  design_hash   VARCHAR   NOT NULL,
  look          INTEGER   NOT NULL,
  state         VARCHAR   NOT NULL, -- of the verdict
  document      JSON      NOT NULL
);

CREATE TABLE changed_experiment (         -- hours of assignment of which people's outcomes changed
  seq           BIGINT    NOT NULL DEFAULT nextval('change_seq'),
  experiment_id VARCHAR   NOT NULL,
  assigned_hour TIMESTAMP NOT NULL
);

-- Where a contact stands between 0 (included) and 1: the first 52 bits of the SHA-256 of "<salt>/<contact id>". Arms share that range by
-- their weights, in the order of their registration. docs/experiments.md shows how to assign the same people to the same arms elsewhere.
CREATE MACRO assignment_position(salt, contact_id) AS
  ('0x' || sha256(salt || '/' || contact_id)[1:13])::BIGINT / 4503599627370496.0;
