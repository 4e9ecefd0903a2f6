-- The facts. Every row is a function of the *set* of records applied, never of their order or of how often they came.
-- Times are UTC. `*_alias` columns name a person by a surrogate; the only table with phone numbers and names is contact_alias.

-- One outbound message x recipient. Accumulates: the first occurrence of a state wins by the platform's own time.
CREATE TABLE fact_message (
  message_key       VARCHAR   NOT NULL, -- the send id when known, else the platform's message id; '/<participant>' is added for a group member
  origin_known      BOOLEAN   NOT NULL, -- true when a send id is known
  opened_at         TIMESTAMP NOT NULL, -- inside: where apply finds the row again (the time in its send id); a literal bound for its look-ups. Not part of the contract
  message_at        TIMESTAMP NOT NULL, -- the message's time: the earliest of its states that is known. MODELS BOUND THEIR SCANS ON THIS COLUMN, never on opened_at
  message_id        VARCHAR,            -- the platform's id (wamid)
  participant_alias VARCHAR,            -- group messages: the member this row is about
  -- who
  contact_alias     VARCHAR,            -- the sender's own contact id
  phone_alias       VARCHAR,
  user_alias        VARCHAR,            -- business-scoped user id
  country           VARCHAR,            -- ISO 3166-1 alpha-2 of the recipient's number or user id
  -- what
  campaign_id       VARCHAR,
  variant_id        VARCHAR,
  template_name     VARCHAR,
  template_language VARCHAR,
  category          VARCHAR,            -- marketing | utility | authentication | service, as requested
  segment_id        VARCHAR,            -- at send time
  message_type      VARCHAR,            -- template | text | ...
  expires_at        TIMESTAMP,          -- requested_at + time to live, when one was given
  -- from
  phone_number_id   VARCHAR,
  waba_id           VARCHAR,
  -- when
  requested_at      TIMESTAMP,
  accepted_at       TIMESTAMP,
  held_at           TIMESTAMP,          -- held for quality assessment
  paused_at         TIMESTAMP,          -- the reply said paused
  sent_at           TIMESTAMP,
  delivered_at      TIMESTAMP,          -- the first proof of delivery: delivered, read, played, a reply, reaction, tap or click tied to it
  read_at           TIMESTAMP,
  played_at         TIMESTAMP,
  replied_at        TIMESTAMP,          -- the first inbound message whose context names this one and which counts as a reply
  clicked_at        TIMESTAMP,          -- the first click or button tap tied to it
  failed_at         TIMESTAMP,          -- refused in the reply or failed later
  refused           BOOLEAN,            -- true when the failure came in the reply to the send
  error_code        INTEGER,
  error_title       VARCHAR,
  dropped_at        TIMESTAMP,          -- held or paused first, then refused with 132015 or 135000
  -- price basis as the platform stated it
  priced_at         TIMESTAMP,
  pricing_model     VARCHAR,
  pricing_type      VARCHAR,
  pricing_category  VARCHAR,
  billable          BOOLEAN,
  -- inside: ties between two requests for one send id are broken by this id
  request_event_id  VARCHAR,
  -- inside: hash of the ids and aliases above, so that a status that adds none is known without reading them. May be out of date
  identity_mark     UBIGINT
);

-- Messages known only by the platform's id. Small; lets a later link find them without a scan of fact_message.
CREATE TABLE unlinked_message (
  message_key VARCHAR   NOT NULL,
  message_id  VARCHAR   NOT NULL,
  opened_at   TIMESTAMP NOT NULL
);

-- Further platform ids of one send: a POST that timed out and was sent again makes two. Small.
CREATE TABLE resent_message (
  message_id VARCHAR NOT NULL,
  send_id    VARCHAR NOT NULL
);

-- One status as it came, without the copies.
CREATE TABLE fact_status (
  message_id        VARCHAR   NOT NULL,
  participant_alias VARCHAR,
  status            VARCHAR   NOT NULL, -- sent | delivered | read | played | failed | anything newer
  occurred_at       TIMESTAMP NOT NULL,
  send_id           VARCHAR,            -- from biz_opaque_callback_data
  callback_data     VARCHAR,
  phone_alias       VARCHAR,
  user_alias        VARCHAR,
  phone_number_id   VARCHAR,
  waba_id           VARCHAR,
  error_code        INTEGER,
  error_title       VARCHAR,
  pricing_model     VARCHAR,
  pricing_type      VARCHAR,
  pricing_category  VARCHAR,
  billable          BOOLEAN,
  conversation_id   VARCHAR,
  conversation_type VARCHAR,
  content_hash      VARCHAR   NOT NULL  -- inside: of the whole status as it came; equal statuses are copies
);

-- One inbound message.
CREATE TABLE fact_inbound (
  message_id        VARCHAR   NOT NULL,
  occurred_at       TIMESTAMP NOT NULL,
  phone_alias       VARCHAR,
  user_alias        VARCHAR,
  phone_number_id   VARCHAR,
  waba_id           VARCHAR,
  message_type      VARCHAR   NOT NULL, -- as the platform calls it: text, button, interactive, reaction ...
  counted_type      VARCHAR   NOT NULL, -- reply | button | opt_out | opt_in | reaction | reaction_removed | order | edit | revoke | system | echo | unsupported | unknown
  counts_as_reply   BOOLEAN   NOT NULL,
  context_id        VARCHAR,            -- the message it answers, where it names one
  button_payload    VARCHAR,
  interactive_type  VARCHAR,
  group_id          VARCHAR,
  referral_source   VARCHAR,            -- click-to-WhatsApp: source_type
  referral_id       VARCHAR,
  ctwa_clid         VARCHAR,
  forwarded         BOOLEAN,
  error_code        INTEGER,
  content_hash      VARCHAR   NOT NULL
);

-- One person put into one arm of one experiment, before any send.
CREATE TABLE fact_assignment (
  experiment_id VARCHAR   NOT NULL,
  contact_alias VARCHAR   NOT NULL,
  arm_id        VARCHAR   NOT NULL,
  is_holdout    BOOLEAN   NOT NULL,
  assigned_at   TIMESTAMP NOT NULL,
  event_id      VARCHAR   NOT NULL
);

-- One click on a link of ours, or one the platform reported (no person, no message).
CREATE TABLE fact_click (
  event_id        VARCHAR   NOT NULL,
  occurred_at     TIMESTAMP NOT NULL,
  source          VARCHAR   NOT NULL, -- own | platform
  contact_alias   VARCHAR,
  send_id         VARCHAR,            -- the message it is tied to
  message_id      VARCHAR,
  campaign_id     VARCHAR,
  url             VARCHAR,
  component       VARCHAR,
  click_id        VARCHAR,
  phone_number_id VARCHAR,
  waba_id         VARCHAR
);

-- One order, refund, goal or conversion that the platform detected. Money in micro-units of the currency.
CREATE TABLE fact_conversion (
  event_id        VARCHAR   NOT NULL,
  kind            VARCHAR   NOT NULL, -- order | refund | goal | platform
  occurred_at     TIMESTAMP NOT NULL,
  contact_alias   VARCHAR,
  phone_alias     VARCHAR,
  user_alias      VARCHAR,
  order_id        VARCHAR,
  goal            VARCHAR,
  amount_micros   BIGINT,             -- refunds are positive here; `kind` gives the sign
  currency        VARCHAR,
  send_id         VARCHAR,
  campaign_id     VARCHAR
);

-- One consent change.
CREATE TABLE fact_consent (
  event_id        VARCHAR   NOT NULL,
  occurred_at     TIMESTAMP NOT NULL,
  contact_alias   VARCHAR,
  phone_alias     VARCHAR,
  user_alias      VARCHAR,
  category        VARCHAR   NOT NULL, -- marketing | ...
  state           VARCHAR   NOT NULL, -- granted | withdrawn
  source          VARCHAR   NOT NULL, -- preference | stop_word | button | platform_refusal | backend
  detail          VARCHAR,
  waba_id         VARCHAR,
  phone_number_id VARCHAR
);

-- One entry into or exit from a segment; the intervals are a model.
CREATE TABLE fact_segment_membership (
  event_id      VARCHAR   NOT NULL,
  segment_id    VARCHAR   NOT NULL,
  contact_alias VARCHAR   NOT NULL,
  entered       BOOLEAN   NOT NULL,
  occurred_at   TIMESTAMP NOT NULL
);

-- One quality, limit, template, account or capability change, with the update as it came.
CREATE TABLE fact_platform_event (
  event_hash        VARCHAR NOT NULL, -- of (entry id, field, value, entry time)
  field             VARCHAR NOT NULL,
  event             VARCHAR,
  occurred_at       TIMESTAMP,
  waba_id           VARCHAR,
  phone_number_id   VARCHAR,
  display_phone     VARCHAR,
  template_id       VARCHAR,
  template_name     VARCHAR,
  template_language VARCHAR,
  reason            VARCHAR,
  old_value         VARCHAR,
  new_value         VARCHAR,
  error_code        INTEGER,
  payload           JSON    NOT NULL
);

-- What the platform sent and Sluice does not model: kept raw, counted.
CREATE TABLE unmodelled_update (
  update_hash VARCHAR NOT NULL,
  field       VARCHAR NOT NULL,
  shape       VARCHAR NOT NULL, -- what it looked like, e.g. calls.terminate
  occurred_at TIMESTAMP,
  waba_id     VARCHAR,
  payload     JSON    NOT NULL
);
