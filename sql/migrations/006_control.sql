-- The brake: what the controller decided and allowed, and what operators said. Rows are functions of the set of records, as all facts.

-- One decision about one scope. `document` has all that it saw and gives the same decision again.
CREATE TABLE fact_control_decision (
  decision_id  VARCHAR   NOT NULL,
  seq          BIGINT    NOT NULL, -- counts up by one over all decisions: a gap in the trail shows
  scope        VARCHAR   NOT NULL, -- <kind>:<part>/<part>
  decided_at   TIMESTAMP NOT NULL,
  policy_mode  VARCHAR   NOT NULL, -- shadow | enforce
  policy_hash  VARCHAR   NOT NULL,
  rule         VARCHAR   NOT NULL, -- the rule that decided
  window_limit DOUBLE,             -- most unobserved messages: 0 stops, NULL sets no bound
  per_second   DOUBLE,             -- most messages a second; NULL sets no bound
  reason_code  VARCHAR   NOT NULL,
  until_at     TIMESTAMP,          -- when it ends by itself
  owner        VARCHAR   NOT NULL, -- controller, or who set it
  document     JSON      NOT NULL  -- the whole decision
);

-- One policy put into force. The newest by (given_at, command_id) is in force.
CREATE TABLE fact_control_policy (
  command_id  VARCHAR   NOT NULL,
  policy_hash VARCHAR   NOT NULL,
  given_at    TIMESTAMP NOT NULL,
  actor       VARCHAR   NOT NULL,
  document    JSON      NOT NULL
);

-- What an operator set on a scope.
CREATE TABLE fact_control_override (
  override_id  VARCHAR   NOT NULL,
  given_at     TIMESTAMP NOT NULL,
  command_id   VARCHAR   NOT NULL,
  scope        VARCHAR   NOT NULL,
  action       VARCHAR   NOT NULL, -- pause | limit | hold | resume
  window_limit DOUBLE,
  per_second   DOUBLE,
  reason       VARCHAR   NOT NULL,
  actor        VARCHAR   NOT NULL,
  until_at     TIMESTAMP           -- NULL: until it is lifted
);

-- An override ended before its time: the first lift counts.
CREATE TABLE fact_control_lift (
  override_id VARCHAR   NOT NULL,
  lifted_at   TIMESTAMP NOT NULL,
  command_id  VARCHAR   NOT NULL,
  actor       VARCHAR   NOT NULL,
  reason      VARCHAR   NOT NULL
);

-- One grant of sending rights: a lease.
CREATE TABLE fact_permit (
  permit_id         VARCHAR   NOT NULL,
  granted_at        TIMESTAMP NOT NULL,
  request_id        VARCHAR   NOT NULL, -- the caller's; the same id gets the same answer
  expires_at        TIMESTAMP NOT NULL,
  portfolio_id      VARCHAR,
  waba_id           VARCHAR,
  phone_number_id   VARCHAR,
  template_name     VARCHAR,
  template_language VARCHAR,
  campaign_id       VARCHAR,
  variant_id        VARCHAR,
  segment_id        VARCHAR,
  category          VARCHAR   NOT NULL, -- marketing | utility | authentication | service
  granted           BIGINT    NOT NULL,
  is_shadow         BOOLEAN   NOT NULL, -- it bound nobody
  people            BIGINT    NOT NULL, -- named in the request's list; 0 for a count
  answer            JSON      NOT NULL  -- as it was given
);

-- A person that a grant names, by the surrogate.
CREATE TABLE fact_permit_person (
  permit_id  VARCHAR   NOT NULL,
  person     VARCHAR   NOT NULL,
  granted_at TIMESTAMP NOT NULL
);

-- Rights that came back unused.
CREATE TABLE fact_permit_return (
  command_id  VARCHAR   NOT NULL,
  permit_id   VARCHAR   NOT NULL,
  count       BIGINT    NOT NULL,
  returned_at TIMESTAMP NOT NULL
);

-- The permit that the request of a message named.
ALTER TABLE fact_message ADD COLUMN permit_id VARCHAR;

-- Different people in 24 h that a portfolio may write to, as registered.
ALTER TABLE dim_registry ADD COLUMN messaging_limit BIGINT;
