/**
 * What decode hands to apply: plain rows, one shape a temporary table `stage_<name>`. This is the one place that names them;
 * the row types and the tables are both derived from it.
 * text, time (microseconds since 1970 UTC, bigint), int, big (bigint), real, flag, bytes; a "?" means it may be null.
 */
export const stagedTables = {
  /** A status of one message. */
  status: {
    message_id: 'text',
    participant_alias: 'text?',
    status: 'text',
    occurred_at: 'time',
    send_id: 'text?',
    callback_data: 'text?',
    phone_alias: 'text?',
    user_alias: 'text?',
    country: 'text?',
    phone_number_id: 'text?',
    waba_id: 'text?',
    error_code: 'int?',
    error_title: 'text?',
    pricing_model: 'text?',
    pricing_type: 'text?',
    pricing_category: 'text?',
    billable: 'flag?',
    conversation_id: 'text?',
    conversation_type: 'text?',
    content_hash: 'text',
  },
  /** One message.* event of the sender. `step` is the part of the type after the dot. */
  send: {
    event_id: 'text',
    step: 'text',
    occurred_at: 'time',
    send_id: 'text',
    message_id: 'text?',
    contact_alias: 'text?',
    phone_alias: 'text?',
    user_alias: 'text?',
    country: 'text?',
    campaign_id: 'text?',
    variant_id: 'text?',
    template_name: 'text?',
    template_language: 'text?',
    category: 'text?',
    segment_id: 'text?',
    permit_id: 'text?',
    message_type: 'text?',
    expires_at: 'time?',
    phone_number_id: 'text?',
    waba_id: 'text?',
    error_code: 'int?',
    error_title: 'text?',
  },
  inbound: {
    message_id: 'text',
    occurred_at: 'time',
    phone_alias: 'text?',
    user_alias: 'text?',
    phone_number_id: 'text?',
    waba_id: 'text?',
    message_type: 'text',
    counted_type: 'text',
    counts_as_reply: 'flag',
    context_id: 'text?',
    button_payload: 'text?',
    interactive_type: 'text?',
    group_id: 'text?',
    referral_source: 'text?',
    referral_id: 'text?',
    ctwa_clid: 'text?',
    forwarded: 'flag?',
    error_code: 'int?',
    content_hash: 'text',
  },
  assignment: {
    experiment_id: 'text',
    contact_alias: 'text',
    arm_id: 'text',
    is_holdout: 'flag',
    assigned_at: 'time',
    event_id: 'text',
  },
  click: {
    event_id: 'text',
    occurred_at: 'time',
    source: 'text',
    contact_alias: 'text?',
    send_id: 'text?',
    message_id: 'text?',
    campaign_id: 'text?',
    url: 'text?',
    component: 'text?',
    click_id: 'text?',
    phone_number_id: 'text?',
    waba_id: 'text?',
  },
  conversion: {
    event_id: 'text',
    kind: 'text',
    occurred_at: 'time',
    contact_alias: 'text?',
    phone_alias: 'text?',
    user_alias: 'text?',
    order_id: 'text?',
    goal: 'text?',
    amount_micros: 'big?',
    currency: 'text?',
    send_id: 'text?',
    campaign_id: 'text?',
  },
  consent: {
    event_id: 'text',
    occurred_at: 'time',
    contact_alias: 'text?',
    phone_alias: 'text?',
    user_alias: 'text?',
    category: 'text',
    state: 'text',
    source: 'text',
    detail: 'text?',
    waba_id: 'text?',
    phone_number_id: 'text?',
  },
  segment_membership: {
    event_id: 'text',
    segment_id: 'text',
    contact_alias: 'text',
    entered: 'flag',
    occurred_at: 'time',
  },
  platform_event: {
    event_hash: 'text',
    field: 'text',
    event: 'text?',
    occurred_at: 'time?',
    waba_id: 'text?',
    phone_number_id: 'text?',
    display_phone: 'text?',
    template_id: 'text?',
    template_name: 'text?',
    template_language: 'text?',
    reason: 'text?',
    old_value: 'text?',
    new_value: 'text?',
    error_code: 'int?',
    payload: 'text',
  },
  unmodelled_update: {
    update_hash: 'text',
    field: 'text',
    shape: 'text',
    occurred_at: 'time?',
    waba_id: 'text?',
    payload: 'text',
  },
  contact_alias: { alias_id: 'text', kind: 'text', value: 'text', country: 'text?' },
  /** `link_month` is the UTC month of `occurred_at` as 'YYYY-MM': of the same link seen often, the first of each month is kept. */
  contact_link: { alias_a: 'text', alias_b: 'text', occurred_at: 'time', source: 'text', link_month: 'text' },
  contact_profile: {
    contact_alias: 'text',
    occurred_at: 'time',
    event_id: 'text',
    display_name: 'text?',
    language: 'text?',
    time_zone: 'text?',
    attributes: 'text?',
  },
  campaign: {
    campaign_id: 'text',
    changed_at: 'time',
    command_id: 'text',
    name: 'text',
    objective: 'text?',
    phone_number_id: 'text?',
    template_name: 'text?',
    template_language: 'text?',
    category: 'text?',
    reply_window_h: 'int',
    optout_window_h: 'int',
    conversion_window_d: 'int',
    margin: 'real?',
    settings: 'text',
  },
  variant: {
    campaign_id: 'text',
    variant_id: 'text',
    changed_at: 'time',
    command_id: 'text',
    name: 'text?',
    weight: 'real?',
    is_holdout: 'flag',
  },
  registry: {
    kind: 'text',
    id: 'text',
    changed_at: 'time',
    command_id: 'text',
    name: 'text?',
    parent_id: 'text?',
    time_zone: 'text?',
    currency: 'text?',
    display_phone: 'text?',
    messaging_limit: 'big?',
  },
  control_decision: {
    decision_id: 'text',
    seq: 'big',
    scope: 'text',
    decided_at: 'time',
    policy_mode: 'text',
    policy_hash: 'text',
    rule: 'text',
    window_limit: 'real?',
    per_second: 'real?',
    reason_code: 'text',
    until_at: 'time?',
    owner: 'text',
    document: 'text',
  },
  control_policy: { command_id: 'text', policy_hash: 'text', given_at: 'time', actor: 'text', document: 'text' },
  control_override: {
    override_id: 'text',
    given_at: 'time',
    command_id: 'text',
    scope: 'text',
    action: 'text',
    window_limit: 'real?',
    per_second: 'real?',
    reason: 'text',
    actor: 'text',
    until_at: 'time?',
  },
  control_lift: { override_id: 'text', lifted_at: 'time', command_id: 'text', actor: 'text', reason: 'text' },
  permit: {
    permit_id: 'text',
    granted_at: 'time',
    request_id: 'text',
    expires_at: 'time',
    portfolio_id: 'text?',
    waba_id: 'text?',
    phone_number_id: 'text?',
    template_name: 'text?',
    template_language: 'text?',
    campaign_id: 'text?',
    variant_id: 'text?',
    segment_id: 'text?',
    category: 'text',
    granted: 'big',
    is_shadow: 'flag',
    people: 'big',
    answer: 'text',
  },
  permit_person: { permit_id: 'text', person: 'text', granted_at: 'time' },
  permit_return: { command_id: 'text', permit_id: 'text', count: 'big', returned_at: 'time' },
  quarantine: {
    log_partition: 'text',
    log_offset: 'big',
    item: 'int',
    record_kind: 'text',
    received_at: 'time',
    reason: 'text',
    detail: 'text',
    body: 'bytes',
  },
} as const satisfies Record<string, Record<string, ColumnKind>>;

type BaseKind = 'text' | 'time' | 'int' | 'big' | 'real' | 'flag' | 'bytes';
export type ColumnKind = BaseKind | `${BaseKind}?`;

interface ValueOf {
  text: string;
  time: bigint;
  int: number;
  big: bigint;
  real: number;
  flag: boolean;
  bytes: Uint8Array;
}
type Value<K extends ColumnKind> = K extends `${infer B extends BaseKind}?`
  ? ValueOf[B] | null
  : K extends BaseKind
    ? ValueOf[K]
    : never;

export type StagedTable = keyof typeof stagedTables;
/** A row of one staged table. */
export type Staged<T extends StagedTable> = {
  [C in keyof (typeof stagedTables)[T]]: Value<(typeof stagedTables)[T][C] & ColumnKind>;
};
/** Everything that a batch of records decodes to. */
export type Decoded = { [T in StagedTable]: Staged<T>[] };

/** A batch with nothing in it. */
export function emptyDecoded(): Decoded {
  return Object.fromEntries(Object.keys(stagedTables).map((name) => [name, []])) as unknown as Decoded;
}
